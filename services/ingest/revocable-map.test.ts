import fc from 'fast-check';
import { createRevocableMap } from './revocable-map.ts';

describe('a map whose writes can be taken back', () => {
  test('two writes taken back, the older one first, leave what stood before both', () => {
    const map = createRevocableMap<string>();
    map.set('fault', 'none');
    const first = map.set('fault', 'over-voltage');
    const second = map.set('fault', 'none');
    first();
    expect(map.get('fault')).toBe('none');
    second();
    expect(map.get('fault')).toBe('none');
    const third = map.set('fault', 'leakage');
    third();
    expect(map.get('fault')).toBe('none');
  });

  test('whatever is taken back in whatever order, the newest write that stands is what is read', () => {
    const writes = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }), { maxLength: 8 });
    fc.assert(
      fc.property(writes, fc.infiniteStream(fc.nat()), (values, random) => {
        const map = createRevocableMap<number>();
        const standing = values.map((value) => ({ value, undo: map.set('key', value) }));
        while (standing.length > 0) {
          expect(map.get('key')).toBe(standing.at(-1)!.value);
          const [gone] = standing.splice(random.next().value! % standing.length, 1);
          gone!.undo();
        }
        expect(map.get('key')).toBeUndefined();
      }),
    );
  });

  test('a forgotten key is freed once settled, one written again is not', () => {
    const map = createRevocableMap<string>();
    map.set('a', 'x');
    map.set('a', undefined);
    map.settle('a');
    const undo = map.set('a', 'y');
    map.settle('a');
    expect(map.get('a')).toBe('y');
    undo();
    expect(map.get('a')).toBeUndefined();
  });
});
