import { type BandHour, minuteBit, timeInBand } from './band-time.ts';

const minute = 60_000;
const hour = 60 * minute;
const window = { fromMs: 0, toMs: 4 * hour };
const options = { window, silentAfterMs: 2 * hour, gaps: [] };

/** Readings as [minute since the window's start, in band]. */
const readings = (...given: [number, boolean][]): BandHour[] =>
  given.map(([at, inBand]) => ({
    hourMs: Math.floor(at / 60) * hour,
    inMinutes: inBand ? minuteBit(at * minute) : 0n,
    outMinutes: inBand ? 0n : minuteBit(at * minute),
  }));

const minutesIn = (hours: BandHour[], more = {}): [number, number][] =>
  timeInBand(hours, { ...options, ...more }).map(({ fromMs, toMs }) => [fromMs / minute, toMs / minute]);

test.each([
  ['no reading', [], []],
  ['one reading stands until the device is silent', readings([10, true]), [[10, 130]]],
  ['out of band', readings([10, false]), []],
  [
    'each stands until the next',
    readings([10, true], [70, false], [130, true]),
    [
      [10, 70],
      [130, 240],
    ],
  ],
  [
    'in any order',
    readings([130, true], [10, true], [70, false]),
    [
      [10, 70],
      [130, 240],
    ],
  ],
  ['both sides of the edge in one minute count as out', readings([10, true], [10, false]), []],
  ['one from before the window still stands', readings([-60, true]), [[0, 60]]],
  ['one after the window is not known yet', readings([250, true]), []],
] as [string, BandHour[], [number, number][]][])('%s', (_, given, expected) => {
  const merged = new Map<number, BandHour>();
  for (const row of given) {
    const before = merged.get(row.hourMs);
    merged.set(row.hourMs, {
      hourMs: row.hourMs,
      inMinutes: (before?.inMinutes ?? 0n) | row.inMinutes,
      outMinutes: (before?.outMinutes ?? 0n) | row.outMinutes,
    });
  }
  expect(minutesIn([...merged.values()])).toEqual(expected);
});

test('an outage of the hub stops the clock of silence', () => {
  expect(minutesIn(readings([10, true]), { gaps: [{ fromMs: hour, toMs: 2 * hour }] })).toEqual([[10, 190]]);
});

test('the bit of a minute', () => {
  expect(minuteBit(Date.parse('2026-07-01T04:07:59.999Z'))).toBe(1n << 7n);
  expect(minuteBit(Date.parse('2026-07-01T04:59:00.000Z'))).toBe(1n << 59n);
});
