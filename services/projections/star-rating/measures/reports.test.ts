import { deliveryCounter, pictureCounter } from '../counters.ts';
import type { RatingFacts } from '../facts.ts';
import {
  type Answer,
  answerOf,
  atMs,
  compoundOf,
  dayMs,
  deviceFactsOf,
  factsOf,
  hourMs,
  windowFromMs,
} from '../facts-for-tests.ts';
import { type MeasureParameters, measure } from './measures.ts';

describe('delivery-within', () => {
  const parameters: MeasureParameters = {
    name: 'delivery-within',
    eventTypes: ['gate.passed'],
    withinSeconds: 60,
    whenNone: 'no-evidence',
  };
  const passes = (...delaysSeconds: number[]): RatingFacts => {
    const counts: Record<string, number> = {};
    for (const delay of delaysSeconds) {
      const counter = deliveryCounter('gate.passed', delay);
      counts[counter] = (counts[counter] ?? 0) + 1;
    }
    return factsOf({ devices: [deviceFactsOf({}, { counts })] });
  };
  test.each<[string, RatingFacts, Answer]>([
    ['at once, and a clock a little ahead', passes(0, -2, 9.9), 100],
    ['at the boundary', passes(60), 100],
    ['past it', passes(60.001), 0],
    ['hours later', passes(1, 1, 1, 90_000), 75],
    ['no pass', passes(), 'no evidence'],
    [
      'another type',
      factsOf({ devices: [deviceFactsOf({}, { counts: { [deliveryCounter('gate.denied', 1)]: 4 } })] }),
      'no evidence',
    ],
  ])('%s', (_, facts, expected) => {
    expect(answerOf(measure(facts, parameters))).toBe(expected);
  });

  test('another edge', () => {
    expect(answerOf(measure(passes(5, 60), { ...parameters, withinSeconds: 30 }))).toBe(50);
  });
});

describe('picture-rate', () => {
  const parameters: MeasureParameters = { name: 'picture-rate', deviceKinds: ['camera'], whenNone: 'no-evidence' };
  const camera = (id: string, ok: number, failed: number) =>
    deviceFactsOf({ id, kind: 'camera' }, { counts: { [pictureCounter(true)]: ok, [pictureCounter(false)]: failed } });
  test.each<[string, RatingFacts['devices'], Answer]>([
    ['some failed', [camera('a', 9, 1), camera('b', 0, 10)], 45],
    ['none failed', [camera('a', 9, 0)], 100],
    ['never probed', [camera('a', 0, 0)], 'no evidence'],
    ['no camera', [], 'no evidence'],
  ])('%s', (_, devices, expected) => {
    expect(answerOf(measure(factsOf({ devices }), parameters))).toBe(expected);
  });
});

describe('unexplained-gap-hours', () => {
  const parameters: MeasureParameters = { name: 'unexplained-gap-hours', whenNone: 'no-evidence' };
  const hours = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, index) => windowFromMs + (from + index) * hourMs);
  const devices = [deviceFactsOf()];
  test.each<[string, Partial<RatingFacts>, Answer]>([
    ['every hour', { devices, heardHoursMs: hours(0, 720) }, 100],
    ['a tenth of them silent', { devices, heardHoursMs: hours(0, 648) }, 90],
    [
      'silent, but the hub was away',
      { devices, heardHoursMs: hours(0, 648), gaps: [{ fromMs: windowFromMs + 648 * hourMs, toMs: atMs }] },
      100,
    ],
    [
      'the hub was away for a minute of the silent hour',
      { devices, heardHoursMs: hours(1, 720), gaps: [{ fromMs: windowFromMs + 60_000, toMs: windowFromMs + 120_000 }] },
      100,
    ],
    ['nothing ever', { devices }, 0],
    [
      'since registering',
      { devices: [deviceFactsOf({}, { registeredAtMs: atMs - 10 * hourMs })], heardHoursMs: hours(711, 720) },
      90,
    ],
    ['not an hour old, and silent', { devices: [deviceFactsOf({}, { registeredAtMs: atMs - 60_000 })] }, 'no evidence'],
    [
      'not an hour old, and heard',
      { devices: [deviceFactsOf({}, { registeredAtMs: atMs - 60_000 })], heardHoursMs: hours(719, 720) },
      100,
    ],
    ['no device', {}, 'no evidence'],
  ])('%s', (_, facts, expected) => {
    expect(answerOf(measure(factsOf(facts), parameters))).toBe(expected);
  });
});

describe('platform-days', () => {
  const reportsOn = (...daysAgo: number[]): number[] => daysAgo.map((days) => atMs - days * dayMs);
  const all = Array.from({ length: 30 }, (_, index) => index + 1);
  test.each<[string, number[], Answer]>([
    ['every day', reportsOn(...all), 100],
    ['twice a day counts once', reportsOn(...all.slice(0, 15), ...all.slice(0, 15)), (15 / 29) * 100],
    ['a window that begins at noon has 29 whole days', reportsOn(...all.slice(0, 29)), 100],
    ['today is not over', reportsOn(0), 0],
    ['never', [], 'no evidence'],
  ])('%s', (_, platformReportsMs, expected) => {
    expect(answerOf(measure(factsOf({ platformReportsMs }), { name: 'platform-days' }))).toBe(expected);
  });

  test('a connector that was there and fell silent reports on no day', () => {
    const facts = factsOf({ platformSinceMs: atMs - 40 * dayMs });
    expect(answerOf(measure(facts, { name: 'platform-days' }))).toBe(0);
  });

  test("a day is the compound's own: 16:30 UTC is tomorrow in Shanghai and still today in London", () => {
    const report = Date.parse('2026-06-10T16:30:00.000Z');
    const noon = Date.parse('2026-06-11T05:00:00.000Z');
    const daysIn = (timeZone: string) =>
      measure(factsOf({ compound: compoundOf({ timeZone }), platformReportsMs: [report, noon] }), {
        name: 'platform-days',
      }).numerator;
    expect(daysIn('Asia/Shanghai')).toBe(1);
    expect(daysIn('Europe/London')).toBe(2);
  });
});
