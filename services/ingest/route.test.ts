import fc from 'fast-check';
import type { DeviceFact, Dialect } from '../../devices/dialect.ts';
import { facts } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { deviceFor, indexWith } from './ingest-harness.ts';
import { adoptedId, deviceOf, dialectFor } from './route.ts';

const dialectNamed = (name: string, ...topics: string[]): Dialect => ({
  name,
  title: { zh: name, en: name },
  kinds: ['sensor'],
  topics,
  decode: () => facts(),
});
const canonical = dialectList.find(({ name }) => name === 'canonical')!;
const dialects = new Map(
  [canonical, dialectNamed('bees', 'bees/+/up', 'shared/#'), dialectNamed('ants', 'ants/#', 'shared/+/up')].map(
    (dialect) => [dialect.name, dialect] as const,
  ),
);

describe('which dialect reads a topic', () => {
  test.each([
    ['canonical', 'xy/v1/harbour-view/gate-1/events', 'canonical'],
    ['bees', 'xy/v1/harbour-view/gate-1/telemetry', 'canonical'],
    ['auto', 'xy/v1/harbour-view/gate-1/status', 'canonical'],
    ['canonical', 'xy/v1/harbour-view/gate-1/event', '!wrong-topic'],
    ['auto', 'xy/v2/harbour-view/gate-1/events', '!wrong-topic'],
    ['canonical', 'bees/7/up', '!wrong-topic'],
    ['bees', 'bees/7/up', 'bees'],
    ['bees', 'shared/7/up', 'bees'],
    ['bees', 'ants/7', '!wrong-topic'],
    ['a-dialect-of-another-version', 'bees/7/up', '!wrong-topic'],
    ['auto', 'bees/7/up', 'bees'],
    ['auto', 'ants', 'ants'],
    ['auto', 'shared/7/up', '!ambiguous-dialect'],
    ['auto', 'wasps/7', '!no-dialect'],
    ['auto', '$SYS/broker', '!no-dialect'],
  ])('%s on %s: %s', (dialect, topic, expected) => {
    const found = dialectFor(dialects, deviceFor('gw', { kind: 'gateway', dialect }), topic);
    expect('outcome' in found && found.outcome === 'refused' ? `!${found.code}` : (found as Dialect).name).toBe(
      expected,
    );
  });

  test('a refusal names what would be right', () => {
    const reason = (dialect: string, topic: string) =>
      dialectFor(dialects, deviceFor('gw', { kind: 'gateway', dialect }), topic);
    expect(reason('bees', 'ants/7')).toMatchObject({ reason: expect.stringContaining('bees/+/up, shared/#') });
    expect(reason('auto', 'shared/7/up')).toMatchObject({ reason: expect.stringContaining('bees and ants') });
    expect(reason('bees', 'xy/v1/x')).toMatchObject({
      reason: expect.stringContaining('xy/v1/harbour-view/gw/events'),
    });
  });
});

describe('the id of an adopted device', () => {
  const valid = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  const registryId = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}$/);

  test('keeps what is readable', () => {
    expect(adoptedId('lora', '24e124136b502217')).toBe('lora-24e124136b502217');
    expect(adoptedId('lora', 'Main Door')).toMatch(/^lora-main-door-[0-9a-f]{12}$/);
    expect(adoptedId('lora', '大门')).toMatch(/^lora-[0-9a-f]{12}$/);
  });
  test('is an id of the registry for any external id of any gateway', () => {
    fc.assert(
      fc.property(registryId, fc.string({ unit: 'binary', minLength: 1 }), fc.boolean(), (gateway, external, exact) => {
        const id = adoptedId(gateway, external, exact);
        expect(id).toMatch(valid);
        expect(id.length).toBeLessThanOrEqual(64);
      }),
    );
  });
  test('differs for different external ids of one gateway', () => {
    const alike = fc.stringMatching(/^[aA_ -]{1,4}$/);
    fc.assert(
      fc.property(alike, alike, (one, other) => {
        if (one !== other) expect(adoptedId('gw', one)).not.toBe(adoptedId('gw', other));
      }),
    );
  });
  test('hashed exactly, it also differs where two gateways would read alike', () => {
    expect(adoptedId('gw-a', 'b')).toBe(adoptedId('gw', 'a-b'));
    expect(adoptedId('gw-a', 'b', true)).not.toBe(adoptedId('gw', 'a-b', true));
  });
});

describe('whose a fact is', () => {
  const bees = dialects.get('bees')!;
  const said = (externalId?: string, more: Partial<DeviceFact> = {}): DeviceFact => ({
    type: 'sensor.measured',
    data: {},
    ...(externalId === undefined ? {} : { externalId }),
    ...more,
  });
  const gateway = deviceFor('gw', { kind: 'gateway', dialect: 'bees' });
  const child = (id: string, more: Partial<RegisteredDevice> = {}) =>
    deviceFor(id, { dialect: 'bees', gateway: 'gw', externalId: id, ...more });
  const resolve = (
    sender: RegisteredDevice,
    fact: DeviceFact,
    registered: RegisteredDevice[] = [],
    dialect = bees,
    pending: RegisteredDevice[] = [],
  ) => {
    const waiting = new Map(pending.map((device) => [device.id, device] as const));
    const found = deviceOf(
      indexWith(sender, ...registered),
      waiting,
      sender,
      fact,
      dialect,
      '2026-03-01T08:00:00.000Z',
    );
    return 'outcome' in found ? `!${found.code}` : `${found.adopted ? '+' : ''}${found.device.id}`;
  };

  test.each([
    ['a fact that names nobody is the sender’s', undefined, [], 'gw'],
    ['an unknown one is adopted', 'hive-1', [], '+gw-hive-1'],
    [
      'one registered by a person under a name of their own',
      'hive-1',
      [child('my-hive', { externalId: 'hive-1' })],
      'my-hive',
    ],
    [
      'one registered without a gateway',
      'hive-1',
      [deviceFor('my-hive', { dialect: 'bees', externalId: 'hive-1' })],
      'my-hive',
    ],
    ['one retired', 'hive-1', [child('gw-hive-1', { externalId: 'hive-1', retiredAt: 'x' })], '!unknown-device'],
    [
      'one of another dialect is not meant',
      'hive-1',
      [child('my-hive', { externalId: 'hive-1', dialect: 'ants' })],
      '+gw-hive-1',
    ],
    [
      'one of the same name beneath another gateway is another device',
      'front',
      [child('their-front', { gateway: 'gw-2', externalId: 'front' })],
      '+gw-front',
    ],
    [
      'one of the same name in another compound is another device',
      'front',
      [child('their-front', { compound: 'next-door', externalId: 'front' })],
      '+gw-front',
    ],
  ] as const)('beneath a gateway: %s', (_, externalId, registered, expected) => {
    expect(resolve(gateway, said(externalId), [...registered])).toBe(expected);
  });

  test('an id that another device has already is not taken over', () => {
    const standing = deviceFor('gw-1');
    expect(resolve(gateway, said('1'), [standing])).toBe(`+${adoptedId('gw', '1', true)}`);
    const theirs = child('gw-a-b', { gateway: 'gw-a', externalId: 'b' });
    expect(resolve(gateway, said('a-b'), [theirs])).toBe(`+${adoptedId('gw', 'a-b', true)}`);
  });
  test('one whose adoption is on its way is not adopted again', () => {
    expect(resolve(gateway, said('hive-1'), [], bees, [child('gw-hive-1', { externalId: 'hive-1' })])).toBe(
      'gw-hive-1',
    );
  });
  test('what is adopted says who, what and beneath whom', () => {
    const fact = said('Hive 1', { kind: 'camera', name: 'Front hive' });
    const found = deviceOf(indexWith(gateway), new Map(), gateway, fact, bees, '2026-03-01T08:00:00.000Z');
    expect(found).toMatchObject({
      adopted: true,
      device: {
        compound: 'harbour-view',
        kind: 'camera',
        dialect: 'bees',
        name: 'Front hive',
        externalId: 'Hive 1',
        gateway: 'gw',
        adopted: true,
        registeredAt: '2026-03-01T08:00:00.000Z',
      },
    });
  });

  test.each([
    ['itself, by whatever it is called outside', {}, 'SN-1', 'gate-1'],
    ['itself, by the id it is registered with', { externalId: 'SN-1' }, 'SN-1', 'gate-1'],
    ['another', { externalId: 'SN-1' }, 'SN-2', '!identity-mismatch'],
  ] as const)('a device of its own speaks for %s', (_, more, externalId, expected) => {
    expect(resolve(deviceFor('gate-1', { dialect: 'bees', ...more }), said(externalId))).toBe(expected);
  });

  describe('on canonical topics', () => {
    const canonicalGateway = { ...gateway, dialect: 'canonical' };
    test.each([
      ['a device for itself', deviceFor('gate-1'), 'gate-1', [], 'gate-1'],
      ['a device for another', deviceFor('gate-1'), 'gate-2', [deviceFor('gate-2')], '!not-your-address'],
      ['a gateway for itself', canonicalGateway, 'gw', [], 'gw'],
      ['a gateway for its own', canonicalGateway, 'gate-2', [deviceFor('gate-2', { gateway: 'gw' })], 'gate-2'],
      [
        'a gateway for another’s',
        canonicalGateway,
        'gate-2',
        [deviceFor('gate-2', { gateway: 'gw-2' })],
        '!not-your-address',
      ],
      [
        'a gateway for one with a credential of its own',
        canonicalGateway,
        'gate-2',
        [deviceFor('gate-2')],
        '!not-your-address',
      ],
      [
        'a gateway for another compound’s',
        canonicalGateway,
        'gate-2',
        [deviceFor('gate-2', { compound: 'next-door' })],
        '!not-your-address',
      ],
      ['a gateway for one never heard of', canonicalGateway, 'gate-3', [], '+gate-3'],
      ['a gateway for what can be no id', canonicalGateway, 'Gate 3', [], '!unknown-device'],
    ] as const)('%s', (_, sender, externalId, registered, expected) => {
      expect(resolve(sender, said(externalId), [...registered], canonical)).toBe(expected);
    });
    test('another device’s external id is no address', () => {
      const other = deviceFor('gate-2', { gateway: 'gw', externalId: 'gate-3' });
      expect(resolve(canonicalGateway, said('gate-3'), [other], canonical)).toBe('+gate-3');
    });
  });
});
