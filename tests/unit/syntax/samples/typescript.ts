import type { Key } from "./key";
import fs = require("fs");
import { Base } from "@shop/base";

/** What can be opened. */
export interface Openable<T> extends Base {
  readonly size: number;
  open(key: Key, force?: boolean): Promise<T>;
}

export type Names = Record<string, Item>;
export enum State { Open, Closed = "c" }
export const enum Small { A }

@Component({ selector: "box" })
export abstract class Box<T extends Item> extends Base<T> implements Openable<T> {
  private items: T[] = [];
  static limit = 3;
  constructor(private readonly store: Store, public size = 0) { super(store); }
  @Input() get name(): string { return this.store.nameOf(this.items); }
  abstract open(key: Key): Promise<T>;
  protected put = (item: T): void => { this.items.push(item); };
}

export namespace Shop.Util {
  export function sum(values: number[]): number;
  export function sum(values: any) { return values.reduce((a: number, b: number) => a + b, START); }
}

declare module "shelf" { export function find(id: string): Names; }
declare const VERSION: string;
export const isBox = (value: unknown): value is Box<Item> => value instanceof Box;
export default function main(): void { const local: State = State.Open; isBox(local as unknown as Item); }
