struct Parser {
  int parse(int x) {
    return x;
  }
};

int other() { return 1; }
