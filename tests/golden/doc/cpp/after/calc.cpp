namespace m {
  // The sum of a and b. evil
  int add(int a, int b) { return a + b; }
}
