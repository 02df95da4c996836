import { title } from './words.mjs';

export function count(stock) {
  return stock.items.length;
}

export default class Stock {
  constructor(items) {
    this.items = items;
  }
  label() {
    return itemsOf(this) + title('z');
  }
}

function itemsOf(stock) {
  return stock.items.join(',');
}
