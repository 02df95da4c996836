export { plural, title } from './words.mjs';
export { total } from './prices.mjs';
