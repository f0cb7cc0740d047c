import { type ProgrammeCompound, programmeOf } from './programme.ts';
import { parseProgrammeTargets } from './targets.ts';

const targets = parseProgrammeTargets(
  `timeZone: Asia/Shanghai
everyYear: { target: 100, basis: N }
years: { '2026': { target: 10, basis: D, districts: { 环翠区: 4, 文登区: 2 } } }
`,
);

const nowMs = Date.parse('2026-07-01T04:00:00.000Z');
const on = (time: string, stars: number) => ({ atMs: Date.parse(time), stars });

const compoundOf = (given: Partial<ProgrammeCompound> & { id: string }): ProgrammeCompound => ({
  ...{ name: given.id, district: '环翠区', profile: 'retrofit', timeZone: 'Asia/Shanghai', targetStars: 3 },
  ...{ registeredAtMs: Date.parse('2025-01-01T00:00:00Z'), connected: true, atRisk: false, history: [] },
  ...given,
});

const compounds = [
  // Reached in this year, by five hours of Shanghai's calendar, and held.
  compoundOf({
    id: 'this-year',
    history: [on('2025-06-01T00:00:00Z', 2), on('2025-12-31T21:00:00Z', 3)],
    atRisk: true,
  }),
  compoundOf({ id: 'last-year', history: [on('2025-12-31T15:00:00Z', 4)] }),
  compoundOf({ id: 'lost-again', history: [on('2026-02-01T00:00:00Z', 3), on('2026-05-01T00:00:00Z', 2)] }),
  compoundOf({ id: 'new-short', profile: 'new', targetStars: 4, history: [on('2026-02-01T00:00:00Z', 3)] }),
  compoundOf({
    id: 'new-held',
    profile: 'new',
    targetStars: 4,
    district: '文登区',
    history: [on('2026-03-01T00:00:00Z', 4)],
  }),
  compoundOf({ id: 'silent', district: null, connected: false }),
  compoundOf({ id: 'to-come', registeredAtMs: Date.parse('2026-06-01T00:00:00Z') }),
];
const of = (year: number, at = nowMs) => programmeOf(targets, { year, nowMs: at, compounds });

const counts = (given: object) => ({
  ...{ compounds: 0, connected: 0, notConnected: 0, holding: 0, counted: 0, atRisk: 0 },
  ...given,
});

test('the running year by district and profile', () => {
  const { districts, total, ...head } = of(2026);
  expect(head).toMatchObject({ year: 2026, asOf: '2026-07-01T04:00:00.000Z', target: 10, targetBasis: 'D' });
  expect(districts.map(({ district, target, counted, holding }) => [district, target, counted, holding])).toEqual([
    ['环翠区', 4, 1, 2],
    ['文登区', 2, 1, 1],
    [null, null, 0, 0],
  ]);
  expect(total).toMatchObject({ counted: 2, holding: 3, connected: 6, notConnected: 1, atRisk: 1 });
  expect(total.new).toEqual(counts({ compounds: 2, connected: 2, holding: 1, counted: 1 }));
  expect(total.retrofit).toEqual(
    counts({ compounds: 5, connected: 4, notConnected: 1, holding: 2, counted: 1, atRisk: 1 }),
  );
});

test('each compound with its stars, and since when it holds its target', () => {
  const shown = of(2026).compounds;
  expect(shown.find(({ id }) => id === 'this-year')).toEqual({
    ...{ id: 'this-year', name: 'this-year', district: '环翠区', profile: 'retrofit', stars: 3, targetStars: 3 },
    ...{ holdsTarget: true, counted: true, reachedOn: '2026-01-01', connected: true, atRisk: true },
  });
  expect(shown.find(({ id }) => id === 'lost-again')).toMatchObject({
    ...{ stars: 2, holdsTarget: false, counted: false, reachedOn: '2026-02-01' },
  });
  expect(shown.find(({ id }) => id === 'silent')).toMatchObject({ stars: null, connected: false, reachedOn: null });
});

test('a year that is over is told as it stood at its end, without a forecast', () => {
  const { asOf, total, target, forecast, compounds: shown } = of(2025);
  expect({ asOf, target, forecast, counted: total.counted }).toEqual({
    ...{ asOf: '2025-12-31T15:59:59.999Z', target: 100, forecast: null, counted: 1 },
  });
  expect(shown.map(({ id }) => id)).not.toContain('to-come');
  expect(shown.find(({ id }) => id === 'this-year')).toMatchObject({ stars: 2, atRisk: false });
});

test('a year to come has its target, nobody who counts yet, and no forecast', () => {
  expect(of(2027)).toMatchObject({ target: 100, forecast: null, total: { counted: 0, holding: 3 } });
});

test('the forecast carries the trend of the last 90 days to the end of the year', () => {
  const rising = [80, 60, 40, 20].map((days, index) =>
    compoundOf({
      id: `rising-${index}`,
      history: [on('2026-01-10T00:00:00Z', 1), { atMs: nowMs - days * 86_400_000, stars: 3 }],
    }),
  );
  const low = ['low-1', 'low-2', 'low-3'].map((id) => compoundOf({ id }));
  const { forecast, total } = programmeOf(targets, { year: 2026, nowMs, compounds: [...rising, ...low, ...compounds] });
  expect(total.counted).toBe(6);
  // By hand: steps up at days 10, 30, 50 and 70 of 0…90 and one down at day 29 make a slope of
  // (405 + 915 + 1025 + 735 - 899) ÷ 62790 = 0.0347 a day; times 183.5 days that are left, 6.37 more.
  expect(forecast).toBe(12);
});
