import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import { type CommandAsked, readCommand, readyBy, requestCommand, stepCommand } from '../device-commands/carry-out.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { createRegistryIndex, type RegisteredDevice } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { bridgeLine } from './bridge.ts';
import { type Line, type SenderParts, sendCommand } from './send-commands.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');

const device = (id: string, more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
  ...{ id, compound: 'harbour-view', kind: 'access-gate', dialect: 'canonical', name: id, covers: [], features: [] },
  ...{ adopted: false, registeredAt: '2026-01-01T00:00:00.000Z', retiredAt: null, ...more },
});

const createHub = (gateOpening?: 'two-people') => {
  const log = createMemoryEventLog();
  const index = createRegistryIndex();
  const compound = { profile: 'new' as const, households: 1, timeZone: 'Asia/Shanghai', figures: {}, buildings: [] };
  index.load({
    compounds: [{ ...compound, id: 'harbour-view', name: 'H', positions: [], ...(gateOpening ? { gateOpening } : {}) }],
    devices: [
      device('gate-1'),
      device('bees', { kind: 'gateway', dialect: 'zigbee2mqtt' }),
      device('plug-1', { kind: 'sensor', dialect: 'zigbee2mqtt', gateway: 'bees', externalId: '0x01' }),
      device('plug-2', { kind: 'sensor', dialect: 'zigbee2mqtt', gateway: 'bees', externalId: 'hall #2' }),
      device('camera-1', { kind: 'camera', dialect: 'frigate' }),
    ],
    ...{ credentials: [], revisions: [] },
  });
  const clock = { nowMs: startMs, now: () => clock.nowMs };
  const sent: { to: string; topic: string; payload: unknown }[] = [];
  const connected = new Set(['gate-1', 'bees', 'camera-1']);
  const offline = new Set<string>();
  let isListening = true;
  const line: Line = {
    reaches: ({ id, gateway }) => connected.has(gateway ?? id),
    send: ({ id, gateway }, { topic, payload }) => {
      sent.push({ to: gateway ?? id, topic, payload: JSON.parse(String(payload)) });
      return isListening;
    },
  };
  const parts: SenderParts = {
    ...{ log, index, clock, lines: [line], isOnlySender: true, recall: () => undefined },
    dialects: new Map(dialectList.map((dialect) => [dialect.name, dialect] as const)),
    availability: (id) => (offline.has(id) ? 'offline' : undefined),
  };
  const ask = (more: Partial<CommandAsked> = {}, user = 'wang') =>
    requestCommand(
      parts,
      {
        ...{
          device: 'gate-1',
          wish: { command: 'open-gate', arguments: {} },
          reason: 'a parcel',
          expiresInSeconds: 30,
        },
        ...more,
      },
      user,
    );
  return {
    ...{ parts, clock, sent, connected, offline, ask },
    deafen: () => {
      isListening = false;
    },
    /** As the follower of the log does, for all that the log holds. */
    async deliverAll(): Promise<void> {
      for (const event of await log.readAll(null, 1000)) {
        const id = readyBy(event);
        if (id !== undefined) await sendCommand(parts, id);
      }
    },
    async end(id: string): Promise<unknown> {
      const events = await log.readStream(`command-${id}`);
      const { state } = await readCommand(log, id);
      return { state, ...(events.at(-1)!.type === 'command.not-sent' ? { why: events.at(-1)!.data } : {}) };
    },
    now: () => isoTime(clock.nowMs),
  };
};

test('a command goes out once, however often it is heard of', async () => {
  const hub = createHub();
  const { id } = await hub.ask();
  await hub.deliverAll();
  await hub.deliverAll();
  const payload = { id, command: 'open-gate', arguments: {}, time: hub.now() };
  expect(hub.sent).toEqual([{ to: 'gate-1', topic: 'xy/v1/harbour-view/gate-1/commands', payload }]);
  expect(await hub.end(id)).toEqual({ state: 'sent' });
});

test('the same key is the same command, of the same person', async () => {
  const hub = createHub();
  const first = await hub.ask({ idempotencyKey: 'k' });
  await hub.deliverAll();
  hub.clock.nowMs += 1000;
  expect((await hub.ask({ idempotencyKey: 'k' })).id).toBe(first.id);
  expect((await hub.ask({ idempotencyKey: 'k' }, 'zhao')).id).not.toBe(first.id);
  await expect(hub.ask({ idempotencyKey: 'k', reason: 'other' })).rejects.toMatchObject({ code: 'command.key-used' });
});

test('where a compound wants two people, a gate waits for the second one', async () => {
  const hub = createHub('two-people');
  const { id, state } = await hub.ask();
  await hub.deliverAll();
  expect([state, hub.sent]).toEqual(['waiting', []]);
  const agree = (by: string) => stepCommand(hub.parts, id, { type: 'approve', by, now: hub.now() }, `user:${by}`);
  await expect(agree('wang')).rejects.toMatchObject({ code: 'command.own' });
  await agree('zhao');
  await hub.deliverAll();
  expect(hub.sent).toHaveLength(1);
});

test.each<[string, (hub: ReturnType<typeof createHub>) => void, Partial<CommandAsked>, unknown]>([
  ['nobody there', (hub) => hub.connected.delete('gate-1'), {}, { reason: 'not-connected' }],
  ['nobody listens', (hub) => hub.deafen(), {}, { reason: 'not-listening' }],
  [
    'a dialect without commands',
    () => undefined,
    { device: 'camera-1', wish: { command: 'restart', arguments: {} } },
    { reason: 'impossible', text: 'The dialect frigate takes no commands.' },
  ],
  [
    'an id that no topic can hold',
    () => undefined,
    { device: 'plug-2', wish: { command: 'switch', arguments: { on: true } } },
    { reason: 'impossible', text: expect.stringContaining('hall #2/set is no topic') },
  ],
  [
    'offline beneath a gateway that is there',
    (hub) => hub.offline.add('plug-1'),
    { device: 'plug-1', wish: { command: 'switch', arguments: { on: true } } },
    { reason: 'not-connected' },
  ],
])('%s: the command is not sent, and says so', async (_, prepare, asked, why) => {
  const hub = createHub();
  prepare(hub);
  const { id } = await hub.ask(asked);
  await hub.deliverAll();
  expect(await hub.end(id)).toMatchObject({ state: 'not-sent', why });
});

test('a device beneath a gateway is spoken to through it, without an answer to wait for', async () => {
  const hub = createHub();
  const { id } = await hub.ask({ device: 'plug-1', wish: { command: 'switch', arguments: { on: true } } });
  await hub.deliverAll();
  expect(hub.sent).toEqual([{ to: 'bees', topic: 'zigbee2mqtt/0x01/set', payload: { state: 'ON' } }]);
  expect(await hub.end(id)).toEqual({ state: 'told' });
});

test.each<[string, Partial<RegisteredDevice>, string[], string | undefined, boolean]>([
  ['beneath its gateway', { gateway: 'site' }, ['site'], undefined, true],
  ['that spoke through it for itself', {}, ['site', 'gate-9'], 'online', true],
  ['that said it goes', {}, ['site', 'gate-9'], 'offline', false],
  ['never heard there', {}, ['site'], undefined, false],
  ['beneath a gateway elsewhere', { gateway: 'bees' }, ['site'], undefined, false],
])('an outside broker is a way to a device %s', (_, more, carried, available, reached) => {
  const line = bridgeLine({ carries: (id) => carried.includes(id), deliver: () => undefined }, () => available);
  expect(line.reaches(device('gate-9', more))).toBe(reached);
});

test('what is heard of after it expired is never sent', async () => {
  const hub = createHub();
  const { id } = await hub.ask();
  hub.clock.nowMs += 30_000;
  await hub.deliverAll();
  expect(hub.sent).toEqual([]);
  await stepCommand(hub.parts, id, { type: 'expire', now: hub.now() }, 'policy:test');
  expect(await hub.end(id)).toMatchObject({ state: 'not-sent', why: { reason: 'expired' } });
});

test.each([
  ['command.wrong-kind', { wish: { command: 'switch', arguments: { on: true } } }],
  ['device.unknown', { device: 'nobody' }],
] as const)('%s', async (code, asked) => {
  const ask = async () => createHub().ask(asked);
  await expect(ask()).rejects.toMatchObject({ code });
});
