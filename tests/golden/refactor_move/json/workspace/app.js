const root = '/data';

export function load(name) {
  return root + name;
}
