function add(a, b) {
  return 
}

const x = add(1, 2);
