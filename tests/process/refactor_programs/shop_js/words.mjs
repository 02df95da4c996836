export function plural(word, n) {
  return n === 1 ? word : word + 's';
}

export function title(word) {
  return word.toUpperCase();
}
