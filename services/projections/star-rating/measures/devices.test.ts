import type { DeviceFacts, RatingFacts } from '../facts.ts';
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

const gate = (facts: Partial<Omit<DeviceFacts, 'device'>> = {}, id = 'gate-1') => deviceFactsOf({ id }, facts);
const upFor = (days: number) => [{ fromMs: windowFromMs, toMs: windowFromMs + days * dayMs }];
const never = { firstHeardAtMs: null, up: [], inBand: [] };

describe('connected-share', () => {
  const parameters: MeasureParameters = {
    name: 'connected-share',
    deviceKinds: ['access-gate'],
    whenNone: 'no-evidence',
  };
  test.each<[string, DeviceFacts[], Answer]>([
    ['all heard', [gate()], 100],
    ['one never heard', [gate(), gate(never, 'gate-2')], 50],
    ['another kind does not count', [gate(), deviceFactsOf({ id: 'c', kind: 'camera' }, never)], 100],
    ['none', [], 'no evidence'],
  ])('%s', (_, devices, expected) => {
    expect(answerOf(measure(factsOf({ devices }), parameters))).toBe(expected);
  });
});

describe('online-rate', () => {
  const parameters: MeasureParameters = {
    name: 'online-rate',
    deviceKinds: ['access-gate'],
    commissioningSeconds: 3600,
    whenNone: 'no-evidence',
  };
  const gap = { fromMs: windowFromMs + 15 * dayMs, toMs: windowFromMs + 20 * dayMs };
  const young = atMs - 10 * dayMs;
  test.each<[string, Partial<RatingFacts>, Partial<typeof parameters>, Answer]>([
    ['up all the time', { devices: [gate()] }, {}, 100],
    ['up half the time', { devices: [gate({ up: upFor(15) })] }, {}, 50],
    ['never heard is down', { devices: [gate(), gate(never, 'gate-2')] }, {}, 50],
    ['only never heard', { devices: [gate(never)] }, {}, 0],
    ['down during an outage of the hub', { devices: [gate({ up: upFor(15) })], gaps: [gap] }, {}, 60],
    ['up, but an outage of the hub is not up either', { devices: [gate({ up: upFor(20) })], gaps: [gap] }, {}, 60],
    [
      'the window begins at registering',
      {
        devices: [
          gate({ registeredAtMs: young, firstHeardAtMs: young, up: [{ fromMs: young, toMs: atMs - 5 * dayMs }] }),
        ],
      },
      {},
      50,
    ],
    [
      'the first hour of commissioning is not held against it',
      {
        devices: [
          gate({
            registeredAtMs: atMs - 2 * hourMs,
            firstHeardAtMs: atMs - hourMs,
            up: [{ fromMs: atMs - hourMs, toMs: atMs }],
          }),
        ],
      },
      {},
      100,
    ],
    [
      'a longer wait is',
      {
        devices: [
          gate({
            registeredAtMs: atMs - 4 * hourMs,
            firstHeardAtMs: atMs - 2 * hourMs,
            up: [{ fromMs: atMs - 2 * hourMs, toMs: atMs }],
          }),
        ],
      },
      {},
      50,
    ],
    [
      'only just registered',
      { devices: [gate({ registeredAtMs: atMs, firstHeardAtMs: null, up: [] })] },
      {},
      'no evidence',
    ],
    [
      'all of the window an outage',
      { devices: [gate()], gaps: [{ fromMs: windowFromMs, toMs: atMs }] },
      {},
      'no evidence',
    ],
    ['none registered', {}, {}, 'no evidence'],
    ['none registered, which does not matter', {}, { whenNone: 'not-applicable' }, 'not applicable'],
    [
      'none needed',
      { compound: compoundOf({ figures: { parkingSpaces: 0 } }) },
      { notApplicableIfZero: 'parkingSpaces' },
      'not applicable',
    ],
    ['by feature', { devices: [gate()] }, { features: ['smoke'] }, 'no evidence'],
  ])('%s', (_, facts, more, expected) => {
    expect(answerOf(measure(factsOf(facts), { ...parameters, ...more }))).toBe(expected);
  });

  test('counts in device hours', () => {
    const measured = measure(factsOf({ devices: [gate({ up: upFor(15) }), gate(never, 'gate-2')] }), parameters);
    expect(measured).toMatchObject({ numerator: 360, denominator: 1440 });
    expect(measured.detail.en).toBe('2 access gates up for 360 of 1440 h; 1 never heard');
  });
});

describe('in-band-share', () => {
  const parameters: MeasureParameters = {
    name: 'in-band-share',
    features: ['fire-water'],
    commissioningSeconds: 0,
    whenNone: 'no-evidence',
  };
  const band = { quantity: 'pressureKPa', min: 300, max: 800 };
  const sensor = (facts: Partial<Omit<DeviceFacts, 'device'>> = {}, id = 's-1', own: typeof band | null = band) =>
    deviceFactsOf({ id, kind: 'sensor', features: ['fire-water'], band: own ?? undefined }, facts);
  test.each<[string, Partial<RatingFacts>, Answer]>([
    ['in band all the time', { devices: [sensor()] }, 100],
    ['in band for 27 of 30 days', { devices: [sensor({ inBand: upFor(27) })] }, 90],
    ['no reading: silent is not in band', { devices: [sensor({ inBand: [] })] }, 0],
    [
      'an outage of the hub',
      { devices: [sensor({ inBand: upFor(15) })], gaps: [{ fromMs: windowFromMs + 15 * dayMs, toMs: atMs }] },
      100,
    ],
    ['without a band', { devices: [sensor({}, 's-1', null)] }, 'no evidence'],
    ['one without a band beside one with it', { devices: [sensor(), sensor({ inBand: [] }, 's-2', null)] }, 100],
    ['no such sensor', { devices: [gate()] }, 'no evidence'],
  ])('%s', (_, facts, expected) => {
    expect(answerOf(measure(factsOf(facts), parameters))).toBe(expected);
  });
});

describe('retention-days', () => {
  const parameters: MeasureParameters = {
    name: 'retention-days',
    deviceKinds: ['camera'],
    reportDueDays: 2,
    judgedByAgeUntilDays: 30,
    whenNone: 'no-evidence',
  };
  const camera = (retainedDays: number | null, ageDays = 400, id = 'cam-1') =>
    deviceFactsOf({ id, kind: 'camera', name: id }, { retainedDays, registeredAtMs: atMs - ageDays * dayMs });
  test.each<[string, DeviceFacts[], Answer]>([
    ['the worst counts', [camera(31), camera(90, 400, 'cam-2')], 31],
    ['too short', [camera(12), camera(90, 400, 'cam-2')], 12],
    ['one owes its report', [camera(31), camera(null, 400, 'cam-2')], 'no evidence'],
    ['one is too new to owe a report', [camera(31), camera(null, 1, 'cam-2')], 31],
    ['only cameras too new to owe a report', [camera(null, 1)], 'no evidence'],
    ['a young camera holds all of its life', [camera(9, 10)], 30],
    ['a young camera lost some of its life', [camera(5, 10)], 5],
    ['a young camera brought recordings along', [camera(45, 10)], 45],
    ['at thirty days it is no longer young', [camera(29, 30)], 29],
    ['no camera', [gate()], 'no evidence'],
  ])('%s', (_, devices, expected) => {
    expect(answerOf(measure(factsOf({ devices }), parameters))).toBe(expected);
  });
});
