import fc from 'fast-check';
import { compoundStream, deviceStream, type RecordedEvent } from '../event-log/event.ts';
import type { RegistryEvent } from './events.ts';
import type { Compound, Device } from './registry.ts';
import { createRegistryIndex, placeOf } from './registry-index.ts';

const compound: Compound = {
  id: 'harbour-view',
  name: 'Harbour View',
  profile: 'retrofit',
  households: 300,
  timeZone: 'Asia/Shanghai',
  figures: {},
  buildings: [{ id: 'b-1', name: 'Building 1', steward: { name: 'Wang' } }],
  positions: [{ id: 'p-1', kind: 'entrance', name: 'North entrance', building: 'b-1' }],
};
const device = (more: Partial<Device> = {}): Device => ({
  id: 'gate-1',
  compound: 'harbour-view',
  kind: 'access-gate',
  dialect: 'facegate',
  name: 'North gate',
  covers: [],
  features: [],
  adopted: false,
  ...more,
});

/** Events of their streams, revisions counted, in the order given. */
const historyOf = (...facts: (RegistryEvent & { of?: string })[]): RecordedEvent[] => {
  const revisions = new Map<string, number>();
  return facts.map(({ of: id = 'gate-1', type, data }, position) => {
    const ofCompound = type.startsWith('compound.');
    const stream = ofCompound ? compoundStream('harbour-view') : deviceStream(id);
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const at = new Date(Date.UTC(2026, 2, 1, 8, position)).toISOString();
    const meta = { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' as const };
    return {
      ...{ id: `event-${position}`, type, data, stream, revision, position: String(position + 1) },
      meta: { ...meta, compound: 'harbour-view', ...(ofCompound ? {} : { device: id }) },
    };
  });
};

const viewOf = (index: ReturnType<typeof createRegistryIndex>) => ({
  compounds: index.compounds(),
  devices: index.devices(),
  usernames: ['gate-1', 'gate-2', 'spare'].map((name) => index.credential(name)),
  outside: ['SN-1', 'SN-2'].map(
    (externalId) => index.deviceByExternalId({ compound: 'harbour-view', dialect: 'facegate', externalId })?.id ?? null,
  ),
});
const indexOf = (events: RecordedEvent[]) => {
  const index = createRegistryIndex();
  for (const event of events) index.apply(event);
  return index;
};

const issued = (secret: string, username = 'gate-1'): RegistryEvent => ({
  type: 'device.credential-issued',
  data: { username, secretSha256: secret },
});
const wholeLife = historyOf(
  { type: 'compound.registered', data: compound },
  { type: 'device.registered', data: device({ externalId: 'SN-1' }) },
  issued('one'),
  { type: 'compound.changed', data: { households: 301 } },
  { type: 'device.changed', data: { externalId: 'SN-2', position: 'p-1' } },
  issued('two'),
  { of: 'gate-2', type: 'device.registered', data: device({ id: 'gate-2', name: 'South gate' }) },
  { of: 'gate-2', ...issued('three', 'gate-2') },
  { of: 'gate-2', type: 'device.retired', data: { reason: 'sold' } },
);

describe('the registry in memory', () => {
  test('registers, changes single fields, rotates credentials, retires', () => {
    const index = indexOf(wholeLife);
    expect(index.compound('harbour-view')).toEqual({ ...compound, households: 301 });
    expect(index.device('gate-1')).toMatchObject({ name: 'North gate', externalId: 'SN-2', retiredAt: null });
    expect(index.credential('gate-1')).toEqual({ device: 'gate-1', secretSha256: 'two' });
    expect(index.device('gate-2')).toMatchObject({ retiredAt: '2026-03-01T08:08:00.000Z' });
    expect(index.credential('gate-2')).toBeUndefined();
  });

  test('finds a device by its id outside, by the newest one only, and not a retired one', () => {
    const outside = { compound: 'harbour-view', dialect: 'facegate' };
    const index = indexOf(wholeLife);
    expect(index.deviceByExternalId({ ...outside, externalId: 'SN-1' })).toBeUndefined();
    expect(index.deviceByExternalId({ ...outside, externalId: 'SN-2' })?.id).toBe('gate-1');
    expect(index.deviceByExternalId({ ...outside, externalId: 'SN-2', gateway: 'gw' })).toBeUndefined();
    expect(index.deviceByExternalId({ ...outside, compound: 'next-door', externalId: 'SN-2' })).toBeUndefined();
    const retired = historyOf(
      { type: 'device.registered', data: device({ externalId: 'SN-2' }) },
      { type: 'device.retired', data: {} },
    );
    expect(indexOf(retired).deviceByExternalId({ ...outside, externalId: 'SN-2' })).toBeUndefined();
  });

  test('a revoked credential is none', () => {
    const revoked = historyOf({ type: 'device.registered', data: device() }, issued('one'), {
      type: 'device.credential-revoked',
      data: { username: 'gate-1' },
    });
    expect(indexOf(revoked).credential('gate-1')).toBeUndefined();
  });

  test('events seen again, from any earlier point on, change nothing', () => {
    const expected = viewOf(indexOf(wholeLife));
    fc.assert(
      fc.property(fc.nat(wholeLife.length), fc.nat(wholeLife.length), (seen, from) => {
        const index = indexOf(wholeLife.slice(0, seen));
        for (const event of wholeLife.slice(Math.min(from, seen))) index.apply(event);
        expect(viewOf(index)).toEqual(expected);
      }),
    );
  });

  test('goes on from a snapshot without going back', () => {
    const index = createRegistryIndex();
    index.load({
      compounds: [{ ...compound, households: 999 }],
      devices: [{ ...device({ name: 'Newer name' }), registeredAt: 'x', retiredAt: null }],
      credentials: [{ username: 'gate-1', device: 'gate-1', secretSha256: 'newer' }],
      revisions: [
        { stream: 'compound-harbour-view', revision: 1 },
        { stream: 'device-gate-1', revision: 3 },
      ],
    });
    for (const event of wholeLife) index.apply(event);
    expect(index.compound('harbour-view')?.households).toBe(999);
    expect(index.device('gate-1')?.name).toBe('Newer name');
    expect(index.credential('gate-1')?.secretSha256).toBe('newer');
    expect(index.device('gate-2')?.retiredAt).not.toBeNull();
  });
});

describe('waiting for an event', () => {
  test('ends when it was applied, also if it was known already', async () => {
    const index = createRegistryIndex();
    const [registered] = historyOf({ type: 'device.registered', data: device() });
    const done: string[] = [];
    const first = index.applied('event-0').then(() => done.push(index.device('gate-1')!.name));
    await Promise.resolve();
    expect(done).toEqual([]);
    index.apply(registered!);
    await first;
    expect(done).toEqual(['North gate']);
    const again = index.applied('event-0');
    index.apply(registered!);
    await expect(again).resolves.toBeUndefined();
  });
  test('can be given up', () => {
    const index = createRegistryIndex();
    void index.applied('event-0');
    expect(index.forget('event-0')).toBe(true);
    expect(index.forget('event-0')).toBe(false);
  });
});

test('where a device stands, in words', () => {
  const index = indexOf(wholeLife);
  expect(placeOf(index, 'gate-1')).toEqual({
    position: compound.positions[0],
    buildingName: 'Building 1',
    steward: 'Wang',
  });
  expect(placeOf(index, 'gate-2')).toEqual({ position: undefined, buildingName: undefined, steward: undefined });
  expect(placeOf(index, 'nobody')).toEqual({ position: undefined, buildingName: undefined, steward: undefined });
});
