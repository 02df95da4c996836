function add(a, b) {
  return 
}

const x = add();
