import React, { useState as state, memo } from "react";
import * as shelf from "./shelf.js";
import "../styles.css";
export { price } from "./prices";
export * from "lib";
const fs = require("fs");
const { join } = require("node:path");
let counter = 0, other;

/**
 * Pays.
 * @param {number} amount
 */
export async function pay(amount, { wallet, ...rest }, [first] = []) {
  const change = wallet.take(amount);
  const local = () => change;
  function inner(x) { return inner(x - 1) + local(); }
  const lazy = await import("./lazy.js");
  return Math.round(change) + counter + shelf.weigh(rest, first);
}

// A cart.
export default class Cart extends shelf.Base {
  #secret = 1;
  static limit = MAX;
  handler = (event) => { this.fire(event); };
  constructor(items) { super(items); this.items = items; }
  get total() { return this.items.length; }
  async *walk() { yield* new Walker(this); }
}

export const double = (x) => x * 2;
const api = {
  /** Loads. */
  load: function (id) { return fetch(id); },
  save(item) { return double(item); },
  "odd-name": async () => counter,
  nested: { deep() { return 1; } },
  plain: 5,
};

module.exports.first = function (a) { return a; };
exports.second = 2;
Cart.prototype.clear = function clear() { this.items = []; };
module.exports = { pay };

function View({ title }) {
  return <Panel title={title} onClick={double}><div id="x">{counter}</div></Panel>;
}
for (const key of Object.keys(api)) console.log(key);
(function () { var hidden = 1; function visible() {} })();
