import { makeRating } from '../../../../test/control-room/fixture/rating.ts';
import { differingCriteria } from './differing-criteria.ts';

test('names the criteria of which something else is known now', () => {
  const then = makeRating('a', Date.parse('2026-11-01T00:00:00Z'));
  const now = structuredClone(then);
  expect(differingCriteria(then, now)).toEqual([]);
  now.criteria[3]!.value = 7;
  now.criteria[5]!.verdict = 'no-evidence';
  expect(differingCriteria(then, now).map(({ id }) => id)).toEqual([then.criteria[3]!.id, then.criteria[5]!.id]);
});
