const log = []

function first(rows) {
  let a = 1
  let b = 2
  rows.forEach((row) => {
    log.push(row)
  })
  a += rows.length
  b += a
  const { x, y = b } = { x: a }
  const total = a + b + x + y
  return total
}

const second = (value) => {
  const twice = value * 2
  const more = twice + 1
  if (more > 10) {
    return more
  } else {
    return twice
  }
}

const third = function (list) {
  let best = list[0]
  for (const index in list) {
    const one = list[index]
    if (one > best) best = one
  }
  return best
}

for (const n of [1, 2]) {
  const made = first([n, n])
  log.push(made)
}
let outside = 0
{
  const inner = second(3)
  outside += inner
}
const label = 'x' + outside
console.log(label, second(9), third([3, 5, 4]), log)
