const twice = (x) => x + x;

console.log(twice(3), twice(read()), [1, 2].map(twice));
