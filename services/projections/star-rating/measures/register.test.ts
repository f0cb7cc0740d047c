import type { Compound, Position } from '../../../registry/registry.ts';
import type { RatingFacts } from '../facts.ts';
import { type Answer, answerOf, compoundOf, deviceFactsOf, factsOf } from '../facts-for-tests.ts';
import { type MeasureParameters, measure } from './measures.ts';

const doors: Position[] = ['door-1', 'door-2', 'door-3', 'door-4'].map((id) => ({ id, kind: 'unit-door', name: id }));
const lock = (id: string, position: string | undefined, more: object = {}, facts: object = {}) =>
  deviceFactsOf({ id, position, features: ['smart-lock'], ...more }, facts);
const withCompound = (given: Partial<Compound>, devices: RatingFacts['devices'] = []): RatingFacts =>
  factsOf({ compound: compoundOf(given), devices });

const coverage: MeasureParameters = {
  name: 'position-coverage',
  positions: ['unit-door'],
  deviceKinds: ['access-gate'],
  features: ['smart-lock'],
  heard: false,
  whenNone: 'no-evidence',
};

describe('position-coverage', () => {
  test.each<[string, RatingFacts, Partial<typeof coverage>, Answer]>([
    ['all covered', withCompound({ positions: doors.slice(0, 1) }, [lock('a', 'door-1')]), {}, 100],
    ['some covered', withCompound({ positions: doors }, [lock('a', 'door-1')]), {}, 25],
    ['none covered', withCompound({ positions: doors }), {}, 0],
    [
      'two devices at one door count once',
      withCompound({ positions: doors }, [lock('a', 'door-1'), lock('b', 'door-1')]),
      {},
      25,
    ],
    [
      'one device covers several',
      withCompound({ positions: doors }, [lock('a', 'door-1', { covers: ['door-2', 'door-3'] })]),
      {},
      75,
    ],
    ['another feature', withCompound({ positions: doors }, [lock('a', 'door-1', { features: ['card'] })]), {}, 0],
    ['another kind', withCompound({ positions: doors }, [lock('a', 'door-1', { kind: 'camera' })]), {}, 0],
    ['no position of the device', withCompound({ positions: doors }, [lock('a', undefined)]), {}, 0],
    [
      'must be heard, was not',
      withCompound({ positions: doors }, [lock('a', 'door-1', {}, { firstHeardAtMs: null })]),
      { heard: true },
      0,
    ],
    ['must be heard, was', withCompound({ positions: doors }, [lock('a', 'door-1')]), { heard: true }, 25],
    ['no such position', withCompound({}), {}, 'no evidence'],
    [
      'no such position, which does not matter',
      withCompound({ positions: [{ id: 'l', kind: 'lift', name: 'l' }] }),
      { whenNone: 'not-applicable' },
      'not applicable',
    ],
    ['no position at all', withCompound({}), { whenNone: 'not-applicable' }, 'no evidence'],
    [
      'no need by the figure',
      withCompound({ figures: { parkingSpaces: 0 } }),
      { notApplicableIfZero: 'parkingSpaces' },
      'not applicable',
    ],
    [
      'need by the figure',
      withCompound({ figures: { parkingSpaces: 3 } }),
      { notApplicableIfZero: 'parkingSpaces' },
      'no evidence',
    ],
  ])('%s', (_, facts, more, expected) => {
    expect(answerOf(measure(facts, { ...coverage, ...more }))).toBe(expected);
  });

  test('says how many, and names what is lacking', () => {
    const unheard = lock('b', 'door-2', { name: '二号锁' }, { firstHeardAtMs: null });
    const facts = withCompound({ positions: doors }, [lock('a', 'door-1'), unheard]);
    const measured = measure(facts, { ...coverage, heard: true });
    expect(measured.detail()).toEqual({ zh: '单元门共 4 处，1 处达到', en: '1 of 4 unit doors' });
    expect(measured.shortfall?.(60)).toEqual({
      zh: '至少还差 2 处；缺少门禁道闸（智能锁）：door-3、door-4；已登记但从未上线：door-2',
      en: 'at least 2 more; without access gates (smart lock): door-3, door-4; registered but never heard: door-2',
    });
    expect(measured).toMatchObject({ numerator: 1, denominator: 4 });
  });
});

describe('gates-with-another-way', () => {
  const parameters: MeasureParameters = {
    name: 'gates-with-another-way',
    feature: 'face',
    otherWays: ['card', 'code', 'phone'],
    whenNone: 'not-applicable',
  };
  const gate = (id: string, ...features: ('face' | 'card' | 'code' | 'smart-lock')[]) =>
    deviceFactsOf({ id, features });
  test.each([
    ['another way', [gate('a', 'face', 'card')], 100],
    ['face only', [gate('a', 'face'), gate('b', 'face', 'code')], 50],
    ['another feature is no way in', [gate('a', 'face', 'smart-lock')], 0],
    ['no face gate', [gate('a', 'card')], 'not applicable'],
    ['no gate at all', [], 'no evidence'],
  ])('%s', (_, devices, expected) => {
    expect(answerOf(measure(factsOf({ devices }), parameters))).toBe(expected);
  });
});

describe('figure-ratio', () => {
  const ready: MeasureParameters = {
    name: 'figure-ratio',
    numerator: { figure: 'evReadySpaces' },
    denominator: 'parkingSpaces',
    percent: true,
  };
  const posts: MeasureParameters = {
    ...ready,
    numerator: { portsOf: { deviceKinds: ['charging-post'], withoutFeature: 'e-bike-charging' } },
  };
  const bikes: MeasureParameters = {
    ...ready,
    numerator: { figure: 'eBikePorts', portsOf: { deviceKinds: ['charging-post'], feature: 'e-bike-charging' } },
    denominator: 'eBikes',
    percent: false,
  };
  const post = (id: string, ports?: number, ...features: 'e-bike-charging'[]) =>
    deviceFactsOf({ id, kind: 'charging-post', ports, features });
  test.each<[string, MeasureParameters, Compound['figures'], RatingFacts['devices'], Answer]>([
    ['both figures', ready, { parkingSpaces: 200, evReadySpaces: 150 }, [], 75],
    ['a figure of zero above', ready, { parkingSpaces: 200, evReadySpaces: 0 }, [], 0],
    ['zero below', ready, { parkingSpaces: 0 }, [], 'not applicable'],
    ['nothing below', ready, { evReadySpaces: 3 }, [], 'no evidence'],
    ['nothing above', ready, { parkingSpaces: 200 }, [], 'no evidence'],
    ['ports, one where none is given', posts, { parkingSpaces: 100 }, [post('a', 2), post('b')], 3],
    [
      'e-bike ports are not for cars',
      posts,
      { parkingSpaces: 100 },
      [post('a', 2), post('b', 10, 'e-bike-charging')],
      2,
    ],
    ['no post registered', posts, { parkingSpaces: 100 }, [], 'no evidence'],
    ['ports of e-bike posts', bikes, { eBikes: 50 }, [post('a', 2), post('b', 10, 'e-bike-charging')], 0.2],
    [
      'the figure goes before the ports',
      bikes,
      { eBikes: 50, eBikePorts: 25 },
      [post('b', 10, 'e-bike-charging')],
      0.5,
    ],
    ['no e-bikes', bikes, { eBikes: 0, eBikePorts: 25 }, [], 'not applicable'],
  ])('%s', (_, parameters, figures, devices, expected) => {
    expect(answerOf(measure(withCompound({ figures }, devices), parameters))).toBe(expected);
  });
});

describe('figure-present', () => {
  const parameters: MeasureParameters = { name: 'figure-present', figures: ['fireDutyRoster', 'microFireStation'] };
  test.each<[string, Compound['figures'], Answer]>([
    ['both', { fireDutyRoster: true, microFireStation: true }, 100],
    ['one is denied', { fireDutyRoster: true, microFireStation: false }, 50],
    ['one is denied, the other unanswered', { fireDutyRoster: false }, 0],
    ['one is unanswered', { fireDutyRoster: true }, 'no evidence'],
    ['nothing is answered', {}, 'no evidence'],
  ])('%s', (_, figures, expected) => {
    expect(answerOf(measure(withCompound({ figures }), parameters))).toBe(expected);
  });
});

describe('master-data-complete', () => {
  const parameters: MeasureParameters = {
    name: 'master-data-complete',
    deviceFields: ['name', 'position'],
    compoundFields: ['code', 'district', 'coordinates'],
    whenNone: 'no-evidence',
  };
  const complete = { code: '371002-17', district: '环翠区', coordinates: { latitude: 37.5, longitude: 122.1 } };
  const placed = deviceFactsOf({ id: 'a', position: 'door-1' });
  const placeless = deviceFactsOf({ id: 'b', name: '无位置' });
  test.each<[string, Partial<Compound>, RatingFacts['devices'], Answer]>([
    ['complete', complete, [placed], 100],
    ['a device without a place', complete, [placed, placeless], 50],
    ["the compound's own is missing", { ...complete, code: undefined }, [placed], 0],
    ['no device', complete, [], 'no evidence'],
  ])('%s', (_, compound, devices, expected) => {
    expect(answerOf(measure(withCompound(compound, devices), parameters))).toBe(expected);
  });

  test('names what is lacking', () => {
    const facts = withCompound({ ...complete, code: undefined }, [placed, placeless]);
    const { detail, shortfall } = measure(facts, parameters);
    expect(detail()).toEqual({ zh: '2 台设备中 0 台信息完整', en: '0 of 2 devices complete' });
    expect(shortfall?.(100)).toEqual({
      zh: '小区登记缺：小区编码；设备登记缺：无位置（位置）',
      en: "empty in the compound's register: code of the compound; empty in the devices': 无位置 (position)",
    });
  });
});
