'use strict';
const seen = [];
let calls = 0;

function total(rows, start = 0) {
  let result = start;
  let count = 0;
  for (const row of rows) {
    if (row === null) continue;
    result += row;
    count++;
  }
  if (count === 0) {
    return null;
  }
  // the mean
  const mean = result / count;
  return [mean, count];
}

function classify(value) {
  let kind;
  let sign = 0;
  if (value < 0) {
    kind = 'negative';
    sign = -1;
  } else if (value > 0) {
    kind = 'positive';
    sign = 1;
  }
  const label = `${kind}
  ${sign}`;
  return label;
}

function nested(rows) {
  let best = null;
  outer: for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < rows[i].length; j++) {
      const cell = rows[i][j];
      if (best === null || cell > best[0]) best = [cell, i, j];
      if (cell === 99) break outer;
    }
  }
  return best;
}

function safe(text) {
  let state = 'start';
  let value;
  try {
    state = 'parsing';
    value = JSON.parse(text);
    state = 'parsed';
  } catch (error) {
    seen.push(error.name);
    return [state, value];
  } finally {
    seen.push(state);
  }
  return [state, value];
}

function closures(n) {
  const adders = [];
  let base = 1;
  for (let i = 0; i < n; i++) {
    const step = i * base;
    const add = (x) => x + step + base;
    adders.push(add);
  }
  base = 10;
  return adders.map((f) => f(1));
}

function counter() {
  let n = 0;
  const bump = () => {
    n += 1;
    return n;
  };
  bump();
  const first = n;
  bump();
  const second = n;
  return [first, second];
}

function old(rows) {
  var found = 0;
  for (var i = 0; i < rows.length; i++) {
    var twice = rows[i] * 2;
    if (twice > 4) {
      var last = twice;
      found++;
    }
  }
  return [found, i, twice, last];
}

function spread({ a, b: c = 5, ...rest }, [d, e = a] = []) {
  const keys = Object.keys(rest);
  const sum = a + c;
  const all = { sum, keys, d, e };
  return JSON.stringify(all);
}

function pick(value) {
  let out;
  switch (typeof value) {
    case 'number': {
      const twice = value * 2;
      out = twice;
      break;
    }
    case 'string':
      out = value.length;
      out += 1;
      break;
    default:
      out = null;
  }
  return out;
}

function assign(list) {
  let a = 1, b = 2;
  [a, b] = [b, a];
  ({ length: a, x: b = a } = list);
  a ??= 3;
  b ||= 4;
  return [a, b];
}

function hoisted(x) {
  const y = helper(x);
  const z = y + 1;
  return z + helper(1);
  function helper(v) {
    calls += 1;
    return v * 2;
  }
}

function argumentsOf() {
  const count = arguments.length;
  const first = arguments[0];
  return [count, first];
}

function* gen(rows) {
  let done = 0;
  for (const row of rows) {
    const twice = row * 2;
    yield twice;
    done += 1;
  }
  return done;
}

function loop(n) {
  let i = 0;
  let text = '';
  do {
    i += 1;
    text += i;
    if (i > 5) break;
  } while (i < n);
  while (true) {
    text += '.';
    if (text.length > 8) return text;
  }
}

function optional(o) {
  let hits = 0;
  const v = o?.f?.((hits = 1));
  const w = v ?? 'none';
  return [hits, w];
}

class Base {
  #secret = 4;
  static made = 0;
  constructor(size) {
    this.size = size;
    const twice = size * 2;
    this.twice = twice;
    Base.made += 1;
  }
  area() {
    const width = this.size;
    const height = this.twice;
    return width * height;
  }
  secret() {
    let value = this.#secret;
    value += 1;
    return value;
  }
  static make(size) {
    const one = new this(size);
    one.tag = this.made;
    return one;
  }
  each(list) {
    const out = list.map((x) => {
      const y = x + this.size;
      const z = y * 2;
      return z;
    });
    return out;
  }
  get half() {
    const whole = this.size;
    return whole / 2;
  }
}

class Wide extends Base {
  area() {
    const inner = super.area();
    const outer = inner + 1;
    return outer;
  }
}

const object = {
  size: 3,
  grow(by) {
    const next = this.size + by;
    this.size = next;
    return next;
  },
};

async function fetchOne(n) {
  await null;
  const value = n * 2;
  return value;
}

async function gather(ns) {
  const got = [];
  for (const n of ns) {
    const one = await fetchOne(n);
    got.push(one);
  }
  let sum = 0;
  for await (const x of ns) sum += x;
  return [got, sum];
}

console.log(total([1, 2, null, 4]), total([]), total([1], 2));
console.log([-1, 0, 1].map(classify), nested([[1, 2], [99, 3], [4]]), nested([]));
console.log(safe('[1]'), safe('{'), seen, closures(3), counter());
console.log(old([1, 2, 3]), old([]), spread({ a: 1, z: 2 }), spread({ a: 1, b: 2 }, [3]));
console.log(pick(2), pick('abc'), pick(null), assign([1, 2, 3]), hoisted(3), calls);
console.log(argumentsOf(1, 2), [...gen([1, 2])], loop(3), loop(9), optional(null), optional({ f: (x) => x }));
const wide = Wide.make(3);
console.log(wide.area(), wide.secret(), wide.each([1, 2]), wide.half, wide.tag, object.grow(2));
gather([1, 2]).then((result) => {
  const text = JSON.stringify(result);
  console.log(text);
});
