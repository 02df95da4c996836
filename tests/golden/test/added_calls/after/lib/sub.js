export const sub = (a, b) => a - b;
