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
    ['down during an outage of the hub', { devices: [gate({ up: upFor(15), notObserved: [gap] })] }, {}, 60],
    [
      'up, but an outage of the hub is not up either',
      { devices: [gate({ up: upFor(20), notObserved: [gap] })] },
      {},
      60,
    ],
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
      { devices: [gate({ notObserved: [{ fromMs: windowFromMs, toMs: atMs }] })] },
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
    expect(measured.detail().en).toBe('2 access gates up for 360 of 1440 h; 1 never heard');
  });
});

describe('whose failure it is', () => {
  const parameters: MeasureParameters = {
    name: 'online-rate',
    deviceKinds: ['camera'],
    commissioningSeconds: 0,
    whenNone: 'no-evidence',
  };
  const camera = (id: string, days: number, more: Partial<Omit<DeviceFacts, 'device'>> = {}, gateway?: string) =>
    deviceFactsOf({ id, name: id, kind: 'camera', gateway }, { up: upFor(days), ...more });
  const silent = { fromMs: atMs - 31 * hourMs, toMs: atMs };
  const behind = (id: string, ownDownHours: number) =>
    camera(
      id,
      0,
      { up: [{ fromMs: windowFromMs + ownDownHours * hourMs, toMs: silent.fromMs }], gatewayDown: [silent] },
      'gw-3',
    );
  const gateway = deviceFactsOf({ id: 'gw-3', kind: 'gateway', name: 'GW-3' });
  const shortfall = (devices: DeviceFacts[], needed = 98) =>
    measure(factsOf({ devices }), parameters).shortfall?.(needed);

  test('the devices’ own, the worst first', () => {
    expect(shortfall([camera('a', 30), camera('b', 21.3), camera('c', 19.2)], 90)).toEqual({
      zh: '3 台摄像机中 2 台在线时间不足：c 64 %、b 71 %',
      en: '2 of 3 cameras were online for less of the time: c 64 %, b 71 %',
    });
  });
  test('at most five by name', () => {
    const many = Array.from({ length: 7 }, (_, index) => camera(`c${index}`, 10 + index));
    expect(shortfall(many)).toEqual({
      zh: '7 台摄像机中 7 台在线时间不足：c0 33.3 %、c1 36.6 %、c2 40 %、c3 43.3 %、c4 46.6 % 等 7 项',
      en: '7 of 7 cameras were online for less of the time: c0 33.3 %, c1 36.6 %, c2 40 %, c3 43.3 %, c4 46.6 % and 2 more',
    });
  });
  test('a gateway’s silence is the gateway’s', () => {
    expect(shortfall([gateway, behind('a', 0), behind('b', 2), camera('c', 30)])).toEqual({
      zh: '网关GW-3静默 31 小时，其下 2 台设备',
      en: 'gateway GW-3 was silent for 31 h; 2 devices behind it',
    });
  });
  test('but what a device would lack without it is its own', () => {
    expect(shortfall([gateway, behind('a', 0), behind('b', 100)])?.en).toBe(
      '1 of 2 cameras were online for less of the time: b 81.8 %; gateway GW-3 was silent for 31 h; 2 devices behind it',
    );
  });
  test('it is down in the number all the same, and told apart in the times', () => {
    const measured = measure(factsOf({ devices: [gateway, behind('a', 0)] }), parameters);
    expect(measured).toMatchObject({ numerator: 720 - 31, denominator: 720 });
    expect(measured.contributions?.()[0]).toMatchObject({
      intervals: [
        { fromMs: windowFromMs, toMs: silent.fromMs, state: 'up' },
        { ...silent, state: 'gateway-down' },
      ],
      beneath: { streams: ['device-a', 'telemetry-a', 'device-gw-3', 'telemetry-gw-3'] },
    });
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
      { devices: [sensor({ inBand: upFor(15), notObserved: [{ fromMs: windowFromMs + 15 * dayMs, toMs: atMs }] })] },
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
