export function show(item) {
  const text = item.describe();
  return text.trim();
}
