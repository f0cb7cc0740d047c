import type { Device } from '../../registry/registry.ts';
import { type BandTimeOptions, bandTime, minuteOf, type ReadingHour, widen } from './band-time.ts';

const minute = 60_000;
const hour = 60 * minute;
const band = { quantity: 'pressureKPa', min: 300, max: 800 };
const options: BandTimeOptions = { bandAt: () => band, silentAfterMs: 2 * hour, gaps: [] };

/** Readings as [minute, value]. */
const readings = (...given: [number, number][]): ReadingHour[] => {
  const hours = new Map<number, Map<number, readonly [number, number, number]>>();
  for (const [at, value] of given) {
    const hourMs = Math.floor(at / 60) * hour;
    const minutes = hours.get(hourMs) ?? new Map();
    widen(minutes, [minuteOf(at * minute), value, value]);
    hours.set(hourMs, minutes);
  }
  return [...hours].map(([hourMs, minutes]) => ({ hourMs, quantity: 'pressureKPa', minutes: [...minutes.values()] }));
};

const inMinutes = (told: Parameters<typeof bandTime>[0], more: Partial<BandTimeOptions> = {}) => {
  const { inBand, outOfBand } = bandTime(told, { ...options, ...more });
  const shown = (intervals: typeof inBand) => intervals.map(({ fromMs, toMs }) => [fromMs / minute, toMs / minute]);
  return [shown(inBand), shown(outOfBand)];
};

test.each<[string, ReadingHour[], number[][], number[][]]>([
  ['no reading', [], [], []],
  ['one reading stands until the device is silent', readings([10, 300]), [[10, 130]], []],
  ['out of band', readings([10, 299]), [], [[10, 130]]],
  [
    'each stands until the next',
    readings([10, 400], [70, 801], [130, 800]),
    [
      [10, 70],
      [130, 250],
    ],
    [[70, 130]],
  ],
  [
    'in any order',
    readings([130, 400], [10, 400], [70, 900]),
    [
      [10, 70],
      [130, 250],
    ],
    [[70, 130]],
  ],
  ['both sides of the edge in one minute count as out', readings([10, 400], [10, 100]), [], [[10, 130]]],
  ['another quantity says nothing', readings([10, 400]).map((row) => ({ ...row, quantity: 'temperatureC' })), [], []],
])('%s', (_, given, inBand, outOfBand) => {
  expect(inMinutes(given)).toEqual([inBand, outOfBand]);
});

test('an outage stops the clock of silence', () => {
  expect(inMinutes(readings([10, 400]), { gaps: [{ fromMs: hour, toMs: 2 * hour }] })).toEqual([[[10, 190]], []]);
});

test('each reading is judged by the band of its own minute', () => {
  const bandAt = (atMs: number): Device['band'] => (atMs < 60 * minute ? undefined : { ...band, min: 500 });
  expect(inMinutes(readings([10, 400], [70, 400], [100, 500]), { bandAt })).toEqual([[[100, 220]], [[70, 100]]]);
});

test('days that were steady, among hours with their minutes', () => {
  const steady = { fromMs: [0, 100 * minute], toMs: [60 * minute, 200 * minute] };
  const [inBand, outOfBand] = inMinutes([{ ...steady }, ...readings([80, 900])]);
  expect([inBand, outOfBand]).toEqual([
    [
      [0, 80],
      [100, 320],
    ],
    [[80, 100]],
  ]);
});

test('the minute of the hour', () => {
  expect(minuteOf(Date.parse('2026-07-01T04:07:59.999Z'))).toBe(7);
  expect(minuteOf(Date.parse('2026-07-01T04:59:00.000Z'))).toBe(59);
});
