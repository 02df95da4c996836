import { sub } from './sub.js';

test('sub', () => expect(sub(3, 2)).toBe(1));

test('sub less', () => expect(sub(2, 3)).toBe(-1));
