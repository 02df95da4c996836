export class List {
  constructor(items) {
    this.items = items;
  }

  print(prefix) {
    for (const item of this.items) {
      const text = `${prefix}: ${item}`;
      this.last = text;
      console.log(text);
    }
  }
}
