import type { Programme } from '../../../../services/projections/programme/programme.ts';
import { listProgramme, type ProgrammeFilter, shareOf } from './programme-list.ts';

const compound = (
  id: string,
  change: Partial<Programme['compounds'][number]> = {},
): Programme['compounds'][number] => ({
  id,
  name: id,
  district: '环翠区',
  profile: 'new',
  stars: 4,
  targetStars: 4,
  holdsTarget: true,
  counted: false,
  reachedOn: null,
  connected: true,
  atRisk: false,
  ...change,
});
const city = [
  compound('holds', { counted: true }),
  compound('risks', { atRisk: true }),
  compound('short-by-one', { stars: 3, holdsTarget: false }),
  compound('short-by-three', { stars: 1, holdsTarget: false, district: null }),
  compound('silent', { stars: null, holdsTarget: false, connected: false }),
];
const ids = (filter: ProgrammeFilter, district = '', search = '') =>
  listProgramme(city, { filter, district, search }).map(({ id }) => id);

test.each([
  ['all', ['risks', 'silent', 'short-by-three', 'short-by-one', 'holds']],
  ['holding', ['risks', 'holds']],
  ['missing', ['short-by-three', 'short-by-one']],
  ['at-risk', ['risks']],
  ['not-connected', ['silent']],
  ['counted', ['holds']],
] as const)('%s', (filter, expected) => {
  expect(ids(filter)).toEqual(expected);
});

test('by district and by name', () => {
  expect(ids('all', '环翠区', 'short')).toEqual(['short-by-one']);
  expect(ids('all', '', 'SHORT')).toEqual(['short-by-three', 'short-by-one']);
});

test.each([
  [40, 100, 0.4],
  [140, 100, 1],
  [3, null, 0],
  [3, 0, 0],
])('%d of %p is %d of the bar', (reached, target, share) => {
  expect(shareOf(reached, target)).toBe(share);
});
