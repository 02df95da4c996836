const LIMIT = 3;
const NAME = "it's";
const trace = [];
const state = { n: 0 };
let changing = 1;

function note(x) {
  trace.push(x);
  return x;
}

const add = (a, b) => a + b;
const point = (x, y) => ({ x, y });
const twice = (x) => {
  return x * 2;
};
function pair(a, b) {
  return [b, a];
}
const either = (a, b) => a || b;
const later = (x) => () => x;
const label = (x) => `<${x}>`;
const grown = (x) => x + changing;
const count = () => state.n;
function area(r) {
  return Math.PI * r ** 2;
}
const pick = (c, a, b) => (c ? a : b);

function use(i, n) {
  const first = note(i);
  const second = first + 1;
  const both = add(first, second) * 2;
  const value = note(5);
  const other = note(6);
  const result = value - other;
  const three = 3;
  const got = count();
  state.n += 1;
  const again = count();
  let x = 1;
  const f = later(x);
  x = 2;
  changing += 1;
  const a = 4;
  const hidden = ((LIMIT) => add(LIMIT, 1))(9);
  return [add(i, n), both, result, three, got, again, f(), x, grown(1), a, hidden, { LIMIT, three }];
}

console.log(add(1, 2) * 3, -add(1, 2), add(note(1), note(2)), twice(note(3)), twice(1 + 1));
console.log(point(1, 2), point(note(1), 2).x, pair(note(7), note(8)), pair(1, 2), either(0, note(4)), either(1, 2));
console.log(later(4)(), label(5), label('a'), area(2).toFixed(2), pick(true, note(1), note(2)), pick(1, 2, 3));
console.log(use(2, 3), [1, 2].map(twice), LIMIT.toFixed(1), NAME, `${LIMIT}`, -LIMIT, LIMIT ** 2, grown(2));
point(1, 2);
twice(4);
console.log(trace, state, changing);
