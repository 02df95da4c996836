import { sub } from './sub.js';

test('sub', () => expect(sub(3, 2)).toBe(1));
