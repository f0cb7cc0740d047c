import fc from 'fast-check';
import { firstById } from './first-by-id.ts';

test('it is the beginning of all of them in order', () => {
  const ids = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 45 }), (given, count) => {
      const first = firstById(
        given.map((id) => ({ id })),
        count,
      );
      expect(first.map(({ id }) => id)).toEqual(given.toSorted().slice(0, count));
    }),
  );
});
