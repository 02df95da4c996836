import { CURRENCY, total, discount as less } from './prices.mjs';
import * as prices from './prices.mjs';
import Stock, { count } from './stock.mjs';
import { plural } from './index.mjs';

const show = (items) => `${CURRENCY}${total(items)} ${plural('item', items.length)}`;

const stock = new Stock(['a', 'b']);
console.log(show([1, 2]), less(10), prices.withTax(5), count(stock), stock.label());
