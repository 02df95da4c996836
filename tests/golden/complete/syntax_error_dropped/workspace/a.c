int f(int x) {
  return 
}

int g(void) { return 1; }
