import fc from 'fast-check';
import type { DeviceFact } from '../../devices/dialect.ts';
import { startMs } from './ingest-harness.ts';
import { isBelievable, stamp, timesOf } from './stamp.ts';

const context = {
  device: 'gate-1',
  compound: 'harbour-view',
  dialect: 'canonical',
  receivedAtMs: startMs,
  contentHash: 'hash-of-the-message',
  index: 0,
};
const fact = (more: Partial<DeviceFact> = {}): DeviceFact => ({ type: 'gate.passed', data: {}, ...more });
const atTime = (at: string, clock: 'trusted' | 'assumed-zone' = 'trusted') => ({ time: { at, clock } });
const idOf = (said: DeviceFact, more: Partial<typeof context> = {}): string =>
  stamp(said, timesOf(said, more.receivedAtMs ?? startMs), { ...context, ...more }).id;
const minuteLater = { receivedAtMs: startMs + 60_000 };

describe('whether a device’s instant can be meant', () => {
  test.each([
    ['1970-01-01T00:00:00.000Z', false],
    ['2008-01-01T00:00:00.000Z', false],
    ['2019-12-31T23:59:59.999Z', false],
    ['2020-01-01T00:00:00.000Z', true],
    ['2026-03-01T08:00:00.000Z', true],
    ['2026-03-01T08:05:00.000Z', true],
    ['2026-03-01T08:05:00.001Z', false],
    ['2099-01-01T00:00:00.000Z', false],
    ['no time at all', false],
  ])('%s: %s', (at, expected) => {
    expect(isBelievable(at, startMs)).toBe(expected);
  });
});

describe('times of a fact', () => {
  test('the device’s own where it is believed, with its quality', () => {
    const at = '2026-03-01T07:59:00.000Z';
    expect(timesOf(atTime(at, 'assumed-zone'), startMs)).toEqual({ occurredAt: at, clock: 'assumed-zone' });
  });
  test.each(['1970-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z', undefined])('ours for %s', (at) => {
    const expected = { occurredAt: '2026-03-01T08:00:00.000Z', clock: 'untrusted' };
    expect(timesOf(at === undefined ? {} : atTime(at), startMs)).toEqual(expected);
  });
});

describe('the id of an event', () => {
  const named = fact({ sourceId: 'own-17' });
  const timed = fact(atTime('2026-03-01T07:59:00.000Z'));

  test.each([
    ['the sender’s own id', named],
    ['an instant of the device', timed],
    ['both', { ...named, ...timed }],
    ['an instant nobody believes', fact(atTime('1970-01-01T00:00:10.000Z'))],
  ])('with %s does not depend on when it came', (_, said) => {
    expect(idOf(said, minuteLater)).toBe(idOf(said));
  });
  test('with neither depends on when it came first', () => {
    expect(idOf(fact(), minuteLater)).not.toBe(idOf(fact()));
  });
  test('an own id counts, whatever else the message holds', () => {
    expect(idOf(named, { contentHash: 'another batch' })).toBe(idOf(named));
  });
  test('a canonical event keeps its id when it is sent again in another batch', () => {
    expect(idOf(named, { index: 3, contentHash: 'another batch' })).toBe(idOf(named));
  });
  test('in a dialect, two facts of one message that share an own id are two events', () => {
    expect(idOf(named, { dialect: 'ocpp16', index: 1 })).not.toBe(idOf(named, { dialect: 'ocpp16' }));
  });
  test.each([
    ['device', named, { device: 'gate-2' }],
    ['place in the message', timed, { index: 1 }],
    ['content', timed, { contentHash: 'another' }],
  ])('another %s is another event', (_, said, more) => {
    expect(idOf(said, more)).not.toBe(idOf(said));
  });
  test('another type under the same own id is another event', () => {
    expect(idOf({ ...named, type: 'gate.denied' })).not.toBe(idOf(named));
  });
  test('is a UUID for any own id and any instant', () => {
    fc.assert(
      fc.property(fc.string(), fc.date({ noInvalidDate: true }), (sourceId, date) => {
        const said = fact({ sourceId, ...atTime(date.toISOString()) });
        expect(idOf(said)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });
});

describe('meta of an event', () => {
  const metaOf = (said: DeviceFact, replayed = false) =>
    stamp(said, timesOf(said, startMs), { ...context, replayed }).meta;
  test('says what was received, from whom, in which dialect', () => {
    expect(metaOf(fact({ sourceId: 'own-17', level: { channel: 'door', value: 'open', initial: 'closed' } }))).toEqual({
      schemaVersion: 1,
      occurredAt: '2026-03-01T08:00:00.000Z',
      receivedAt: '2026-03-01T08:00:00.000Z',
      clock: 'untrusted',
      compound: 'harbour-view',
      device: 'gate-1',
      dialect: 'canonical',
      sourceId: 'own-17',
      level: { channel: 'door', value: 'open' },
    });
  });
  test('old news is marked, by the sender’s word or because a dead letter is taken up again', () => {
    expect(metaOf(fact({ replayed: true })).replayed).toBe(true);
    expect(metaOf(fact(), true).replayed).toBe(true);
    expect(metaOf(fact())).not.toHaveProperty('replayed');
  });
});
