export function show(item) {
  return item.describe().trim();
}
