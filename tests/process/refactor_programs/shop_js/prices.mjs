import { format } from 'node:util';
import { title } from './words.mjs';

// In percent.
const RATE = 19;
export const CURRENCY = '$';

export function total(items) {
  return items.reduce((a, b) => a + b, 0);
}

/** Less. */
export function discount(price, by = RATE) {
  return format('%s', (price * (100 - by)) / 100);
}

export const withTax = (price) => rounded(price * (1 + RATE / 100));

function rounded(value) {
  return Math.round(value);
}

class Basket {
  constructor(items) {
    this.items = items;
  }
  sum() {
    return total(this.items) + title('x');
  }
}

console.log(new Basket([1]).sum());
