import { jest } from '@jest/globals';
import { Refusal } from '../event-log/decider.ts';
import {
  changeCompound,
  changeDevice,
  registerCompound,
  registerDevice,
  registerDevices,
  retireDevice,
} from './commands.ts';
import { secretMatches, secretOf } from './credential.ts';
import { issueCredential, revokeCredential, takeUpCredential } from './credential-commands.ts';
import { createRegistry, gate, harbourView, meta, refusalOf } from './registry-for-tests.ts';

describe('registering', () => {
  test('a device answers its credential once, and the index knows it then', async () => {
    const parts = await createRegistry();
    const { credential } = await registerDevice(parts, gate({ position: 'p-1' }), meta);
    expect(credential?.username).toBe('gate-1');
    const known = parts.index.credential('gate-1')!;
    expect(secretMatches(Buffer.from(credential!.password), known.secretSha256)).toBe(true);
    expect(JSON.stringify(await parts.log.readAll(null, 100))).not.toContain(credential!.password);
  });
  test('one beneath a gateway has no credential', async () => {
    const parts = await createRegistry();
    await registerDevice(parts, gate({ id: 'gw', kind: 'gateway', dialect: 'auto' }), meta);
    expect((await registerDevice(parts, gate({ gateway: 'gw' }), meta)).credential).toBeUndefined();
  });

  test.each([
    ['an unknown compound', { compound: 'elsewhere' }, 'device.not-fitting compound'],
    ['an unknown position', { position: 'p-2' }, 'device.not-fitting position'],
    [
      'an unknown position among those it covers',
      { position: 'p-1', covers: ['p-1', 'p-2'] },
      'device.not-fitting covers',
    ],
    ['a dialect nobody speaks', { dialect: 'wasps' }, 'device.not-fitting dialect'],
    ['a gate of any dialect', { dialect: 'auto' }, 'device.not-fitting dialect'],
    ['a model nobody knows', { model: 'acme' }, 'device.not-fitting model'],
    ['a model of another kind', { model: 'milesight-ws301' }, 'device.not-fitting model'],
    ['a gateway nobody registered', { gateway: 'gw' }, 'device.not-fitting gateway'],
    ['a gateway that is none', { gateway: 'first' }, 'device.not-fitting gateway'],
    ['an external id twice', { dialect: 'bees', externalId: 'SN-1' }, 'device.not-fitting externalId'],
    ['an id twice', { id: 'first' }, 'device.already-registered'],
  ])('is refused for %s', async (_, more, expected) => {
    const parts = await createRegistry();
    await registerDevice(parts, gate({ id: 'first', dialect: 'bees', externalId: 'SN-1' }), meta);
    expect(await refusalOf(registerDevice(parts, gate(more), meta))).toBe(expected);
  });

  test('the same external id beneath two gateways is two devices', async () => {
    const parts = await createRegistry();
    for (const id of ['gw-1', 'gw-2'])
      await registerDevice(parts, gate({ id, kind: 'gateway', dialect: 'bees' }), meta);
    const front = { dialect: 'bees', externalId: 'front' };
    await registerDevice(parts, gate({ ...front, id: 'front-1', gateway: 'gw-1' }), meta);
    await registerDevice(parts, gate({ ...front, id: 'front-2', gateway: 'gw-2' }), meta);
    expect(await refusalOf(registerDevice(parts, gate({ ...front, gateway: 'gw-2' }), meta))).toBe(
      'device.not-fitting externalId',
    );
  });

  test.each([
    ['a compound twice', harbourView(), 'compound.already-registered'],
    [
      'a position twice',
      harbourView({ id: 'other', positions: [1, 2].map(() => ({ id: 'p-1', kind: 'entrance', name: 'North' })) }),
      'registry.duplicate-id positions',
    ],
    [
      'a building twice',
      harbourView({ id: 'other', buildings: [1, 2].map(() => ({ id: 'b-1', name: 'One' })) }),
      'registry.duplicate-id buildings',
    ],
    [
      'a position in a building that is none',
      harbourView({ id: 'other', positions: [{ id: 'p-1', kind: 'entrance', name: 'North', building: 'b-9' }] }),
      'registry.unknown-building positions',
    ],
  ])('is refused for %s', async (_, registered, expected) => {
    expect(await refusalOf(registerCompound(await createRegistry(), registered, meta))).toBe(expected);
  });
});

describe('at the same time', () => {
  const bee = (id: string, externalId = 'SN-1') => gate({ id, dialect: 'bees', externalId });

  test('of two with one external id one is refused, and both of two others stand', async () => {
    const parts = await createRegistry();
    const attempts = ['a', 'b'].map((id) => registerDevice(parts, bee(id), meta));
    const others = ['c', 'd'].map((id) => registerDevice(parts, bee(id, `SN-${id}`), meta));
    expect((await Promise.allSettled(attempts)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await Promise.all(others);
    expect(parts.index.devices()).toHaveLength(3);
  });
  test('a change and a registration can not take the same external id either', async () => {
    const parts = await createRegistry();
    await registerDevice(parts, bee('a', 'SN-a'), meta);
    const attempts = [
      changeDevice(parts, 'a', { externalId: 'SN-1' }, meta),
      registerDevice(parts, bee('b'), meta),
      registerDevices(parts, [bee('c')], meta).then(([outcome]) => {
        if (outcome instanceof Refusal) throw outcome;
      }),
    ];
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(parts.index.devices().filter(({ externalId }) => externalId === 'SN-1')).toHaveLength(1);
  });
});

describe('many at once', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => gate({ id: `gate-${index}` }));

  test('all are registered, each with its own credential, in their order', async () => {
    const parts = await createRegistry();
    const outcomes = await registerDevices(parts, many(1001), meta);
    const names = outcomes.map((outcome) => (outcome instanceof Refusal ? outcome.code : outcome.credential?.username));
    expect(names).toEqual(many(1001).map(({ id }) => id));
    expect(parts.index.devices()).toHaveLength(1001);
    const [first] = outcomes as { credential: { password: string } }[];
    const { secretSha256 } = parts.index.credential('gate-0')!;
    expect(secretMatches(Buffer.from(first!.credential.password), secretSha256)).toBe(true);
  });
  test('one that was registered meanwhile is refused alone', async () => {
    const parts = await createRegistry();
    const elsewhere = registerDevice(parts, gate({ id: 'gate-7' }), meta);
    const outcomes = await registerDevices(parts, many(20), meta);
    await elsewhere;
    const refused = outcomes.flatMap((outcome, index) => (outcome instanceof Refusal ? [[index, outcome.code]] : []));
    expect(refused).toEqual([[7, 'device.already-registered']]);
    expect(parts.index.devices()).toHaveLength(20);
    const passwords = outcomes.map((outcome) => (outcome instanceof Refusal ? '' : outcome.credential!.password));
    for (const [index, password] of passwords.entries()) {
      const { secretSha256 } = parts.index.credential(`gate-${index}`)!;
      expect(secretMatches(Buffer.from(password), secretSha256)).toBe(index !== 7);
    }
  });
  test('one that fits no longer is refused alone', async () => {
    const parts = await createRegistry();
    const outcomes = await registerDevices(parts, [...many(2), gate({ id: 'lost', position: 'p-9' })], meta);
    expect(outcomes.map((outcome) => (outcome instanceof Refusal ? outcome.facts.field : 'done'))).toEqual([
      'done',
      'done',
      'position',
    ]);
  });
});

test('whoever waits for an index that does not follow is told so after ten seconds', async () => {
  jest.useFakeTimers();
  try {
    const parts = await createRegistry();
    const asleep = { ...parts, index: { ...parts.index, applied: () => new Promise<void>(() => undefined) } };
    const refused = refusalOf(registerDevice(asleep, gate(), meta));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await refused).toBe('registry.behind');
  } finally {
    jest.useRealTimers();
  }
});

describe('afterwards', () => {
  test('a change takes away what it says null of', async () => {
    const parts = await createRegistry();
    await changeCompound(parts, 'harbour-view', { district: 'Huancui', code: '1' }, meta);
    const compoundAfter = await changeCompound(parts, 'harbour-view', { district: null }, meta);
    expect(compoundAfter).not.toHaveProperty('district');
    expect(compoundAfter).toMatchObject({ code: '1' });
    await registerDevice(parts, gate({ position: 'p-1', ports: 2, dialect: 'bees', externalId: 'SN-1' }), meta);
    const deviceAfter = await changeDevice(parts, 'gate-1', { position: null, externalId: null }, meta);
    expect(deviceAfter).toMatchObject({ ports: 2, dialect: 'bees' });
    expect(Object.keys(deviceAfter)).not.toEqual(expect.arrayContaining(['position']));
    expect(Object.keys(deviceAfter)).not.toEqual(expect.arrayContaining(['externalId']));
    // Free for another one.
    await registerDevice(parts, gate({ id: 'gate-2', dialect: 'bees', externalId: 'SN-1' }), meta);
  });
  test('a change keeps what it does not name', async () => {
    const parts = await createRegistry();
    expect(await changeCompound(parts, 'harbour-view', { households: 13 }, meta)).toMatchObject({
      households: 13,
      positions: [{ id: 'p-1' }],
    });
    await registerDevice(parts, gate({ position: 'p-1', features: ['face'] }), meta);
    expect(await changeDevice(parts, 'gate-1', { name: 'North gate' }, meta)).toMatchObject({
      name: 'North gate',
      position: 'p-1',
      features: ['face'],
    });
  });
  test('a new password makes the old one wrong', async () => {
    const parts = await createRegistry();
    const { credential } = await registerDevice(parts, gate(), meta);
    const renewed = await issueCredential(parts, 'gate-1', meta);
    const { secretSha256 } = parts.index.credential('gate-1')!;
    expect(secretMatches(Buffer.from(credential!.password), secretSha256)).toBe(false);
    expect(secretMatches(Buffer.from(renewed.password), secretSha256)).toBe(true);
  });
  test('a rotation lets both passwords count until the new one is used or the time is over', async () => {
    const parts = await createRegistry();
    const { credential: first } = await registerDevice(parts, gate(), meta);
    const told = await issueCredential(parts, 'gate-1', meta, { formerHours: 24 });
    const atMs = Date.parse(meta.occurredAt);
    const counts = (password: string, hours = 0) =>
      secretOf(parts.index.credential('gate-1')!, Buffer.from(password), atMs + hours * 3_600_000);
    expect([counts(first!.password), counts(told.password), counts('guess')]).toEqual(['former', 'present', undefined]);
    expect([counts(first!.password, 24), counts(told.password, 24)]).toEqual([undefined, 'present']);
    await takeUpCredential(parts, 'gate-1', meta);
    expect([counts(first!.password), counts(told.password)]).toEqual([undefined, 'present']);
    await revokeCredential(parts, 'gate-1', meta);
    expect(parts.index.credential('gate-1')).toBeUndefined();
    expect((await issueCredential(parts, 'gate-1', meta, { formerHours: 24 })).formerUntil).toBeNull();
  });
  test('a retired device has no credential and takes no command', async () => {
    const parts = await createRegistry();
    await registerDevice(parts, gate(), meta);
    await retireDevice(parts, 'gate-1', 'sold', meta);
    expect(parts.index.credential('gate-1')).toBeUndefined();
    expect(await refusalOf(changeDevice(parts, 'gate-1', { name: 'x' }, meta))).toBe('device.retired');
    expect(await refusalOf(issueCredential(parts, 'gate-1', meta))).toBe('device.retired');
    expect(await refusalOf(retireDevice(parts, 'gate-1', undefined, meta))).toBe('device.retired');
    expect(await refusalOf(changeDevice(parts, 'gate-9', { name: 'x' }, meta))).toBe('device.unknown');
  });
});

describe('backwards', () => {
  const later = { occurredAt: '2026-03-20T08:00:00.000Z', actor: 'user:admin' };

  test('a change holds from its own instant on, and keeps when it was told', async () => {
    const parts = await createRegistry();
    await registerDevice(parts, gate(), meta);
    const effectiveFrom = '2026-03-05T08:00:00+08:00';
    await changeCompound(parts, 'harbour-view', { households: 13 }, { ...later, effectiveFrom });
    await changeDevice(parts, 'gate-1', { position: 'p-1' }, { ...later, effectiveFrom });
    await retireDevice(parts, 'gate-1', undefined, { ...later, effectiveFrom });
    const told = (await parts.log.readAll(null, 100))
      .slice(-3)
      .map(({ type, data, meta: { occurredAt, receivedAt } }) => ({
        ...{ type, data, occurredAt, receivedAt },
      }));
    const times = { occurredAt: '2026-03-05T00:00:00.000Z', receivedAt: later.occurredAt };
    expect(told).toEqual([
      { type: 'compound.changed', data: { households: 13 }, ...times },
      { type: 'device.changed', data: { position: 'p-1' }, ...times },
      { type: 'device.retired', data: {}, ...times },
    ]);
    expect(parts.index.compound('harbour-view')?.households).toBe(13);
    expect(parts.index.device('gate-1')).toMatchObject({ position: 'p-1', retiredAt: times.occurredAt });
  });

  test.each([
    ['what is to come', '2026-03-20T08:00:01.000Z'],
    ['before the device was registered', '2026-03-01T07:59:59.999Z'],
    ['before anybody looks', '2025-02-13T08:00:00.000Z'],
  ])('is refused for %s', async (_, effectiveFrom) => {
    const parts = await createRegistry();
    await registerDevice(parts, gate(), meta);
    for (const change of [
      changeDevice(parts, 'gate-1', { position: 'p-1' }, { ...later, effectiveFrom }),
      retireDevice(parts, 'gate-1', undefined, { ...later, effectiveFrom }),
    ]) {
      expect(await refusalOf(change)).toBe('registry.effective-date effectiveFrom');
    }
  });

  test('a compound’s is refused for what is to come, and beyond the year that is rated again', async () => {
    const parts = await createRegistry();
    for (const effectiveFrom of ['2026-03-20T08:00:01.000Z', '2025-02-13T07:59:59.999Z']) {
      const change = changeCompound(parts, 'harbour-view', { households: 13 }, { ...later, effectiveFrom });
      expect(await refusalOf(change)).toBe('registry.effective-date effectiveFrom');
    }
    await changeCompound(
      parts,
      'harbour-view',
      { households: 13 },
      { ...later, effectiveFrom: '2025-02-13T08:00:00.000Z' },
    );
    expect(parts.index.compound('harbour-view')?.households).toBe(13);
  });
});
