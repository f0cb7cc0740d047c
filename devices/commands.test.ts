import protocol from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import type { CommandWish, DeviceCommand } from './commands.ts';
import { deviceCommands } from './commands.ts';
import { dialects } from './dialects/registry.ts';
import { kinds } from './kinds/registry.ts';

const id = '019c0000-0000-8000-8000-000000000001';
const at = '2026-03-01T08:00:00.000Z';
const commandFor = (wish: CommandWish, externalId?: string): DeviceCommand => ({
  ...wish,
  ...{ id, at, device: { id: 'thing-1', compound: 'harbour-view', externalId } },
});
const dialectOf = (name: string) => dialects.find((dialect) => dialect.name === name)!;
const openGate = (door?: string, card?: string): CommandWish => ({
  command: 'open-gate',
  arguments: { ...(door === undefined ? {} : { door }), ...(card === undefined ? {} : { card }) },
});
const startCharging: CommandWish = { command: 'start-charging', arguments: { connector: 2 } };
const stopCharging: CommandWish = { command: 'stop-charging', arguments: { session: 's-1' } };
const restart: CommandWish = { command: 'restart', arguments: {} };
const unlock: CommandWish = { command: 'unlock-connector', arguments: { connector: 1 } };

test.each<[string, CommandWish, string | undefined, string, unknown]>([
  [
    ...(['canonical', openGate('north'), undefined, 'xy/v1/harbour-view/thing-1/commands'] as const),
    { id, command: 'open-gate', arguments: { door: 'north' }, time: at },
  ],
  [
    ...(['vzenith', openGate(), 'a1b2', 'device/a1b2/message/down/gpio_out'] as const),
    {
      ...{ id, sn: 'a1b2', name: 'gpio_out', version: '1.0', timestamp: 1_772_352_000 },
      payload: { type: 'gpio_out', body: { delay: 1000, io: 0, value: 2 } },
    },
  ],
  [
    ...([
      'uhppoted',
      openGate('3', '8165538'),
      '405419896',
      'uhppoted/gateway/requests/device/door/lock:open',
    ] as const),
    {
      message: {
        request: {
          ...{ 'request-id': id, 'client-id': 'xingyuan', 'reply-to': 'uhppoted/gateway/replies' },
          ...{ 'device-id': 405_419_896, door: 3, 'card-number': 8_165_538 },
        },
      },
    },
  ],
  [
    ...(['facegate', openGate(), '0a1b', 'mqtt/face/0a1b'] as const),
    { operator: 'Unlock', messageId: id, info: { facesluiceId: '0a1b', openDoor: 1, Showinfo: '请通行' } },
  ],
  [
    ...(['facegate', restart, '0a1b', 'mqtt/face/0a1b'] as const),
    { operator: 'RebootDevice', messageId: id, info: { facesluiceId: '0a1b' } },
  ],
  ['zigbee2mqtt', { command: 'switch', arguments: { on: false } }, '0x01', 'zigbee2mqtt/0x01/set', { state: 'OFF' }],
  ['ocpp16', restart, 'CP-1', 'ocpp/CP-1/down', [2, id, 'Reset', { type: 'Soft' }]],
  ['ocpp16', unlock, 'CP-1', 'ocpp/CP-1/down', [2, id, 'UnlockConnector', { connectorId: 1 }]],
  [
    ...(['ocpp16', startCharging, 'CP-1', 'ocpp/CP-1/down'] as const),
    [2, id, 'RemoteStartTransaction', { connectorId: 2, idTag: 'hub-8000000000000001' }],
  ],
  ['ocpp16', stopCharging, 'CP-1', 'ocpp/CP-1/down', [2, id, 'RemoteStopTransaction', { transactionId: 77 }]],
  ['ocpp201', restart, 'CP-1', 'ocpp201/CP-1/down', [2, id, 'Reset', { type: 'OnIdle' }]],
  ['ocpp201', unlock, 'CP-1', 'ocpp201/CP-1/down', [2, id, 'UnlockConnector', { evseId: 1, connectorId: 1 }]],
  [
    ...(['ocpp201', startCharging, 'CP-1', 'ocpp201/CP-1/down'] as const),
    [
      ...[2, id, 'RequestStartTransaction'],
      {
        ...{ evseId: 2, idToken: { idToken: 'hub-8000000000000001', type: 'Central' } },
        remoteStartId: expect.any(Number),
      },
    ],
  ],
  ['ocpp201', stopCharging, 'CP-1', 'ocpp201/CP-1/down', [2, id, 'RequestStopTransaction', { transactionId: 's-1' }]],
])('%s says %j', (name, wish, externalId, topic, payload) => {
  const dialect = dialectOf(name);
  const recall = (key: string): string | undefined => (key === 'number:CP-1:s-1' ? '77' : undefined);
  const said = dialect.command!(commandFor(wish, externalId), recall);
  if ('impossible' in said) throw new Error(said.impossible);
  expect({ topic: said.topic, payload: JSON.parse(String(said.payload)) }).toEqual({ topic, payload });
  // What a broker brings back of it is no news.
  if (name === 'canonical') return;
  const echo = { topic, payload: Buffer.from(said.payload as string), retain: false, timeZone: 'UTC' };
  expect(dialect.decode(echo, () => undefined)).toEqual({ outcome: 'no-op', reason: 'downlink-echo' });
});

const switchOn: CommandWish = { command: 'switch', arguments: { on: true } };
const birthOf: Record<string, [name: string, alias: string | null, type: number, unit: null][]> = {
  'garden/edge': [
    ['Node Control/Reboot', null, 11, null],
    ['Pump', '4', 11, null],
  ],
  'garden/edge/lamp': [
    ['Level', null, 10, null],
    ['Outputs/Lamp', null, 11, null],
  ],
  'garden/edge/board': [
    ['Outputs/1', '1', 11, null],
    ['Outputs/2', '2', 11, null],
  ],
};
const recallBirth = (key: string): string | undefined => {
  const born = birthOf[key.slice('metrics:'.length)];
  return born && JSON.stringify(born);
};
const { Payload } = protocol.org.eclipse.tahu.protobuf;

test.each<[string, CommandWish, string, object]>([
  ['garden/edge', restart, 'spBv1.0/garden/NCMD/edge', { name: 'Node Control/Reboot' }],
  ['garden/edge', switchOn, 'spBv1.0/garden/NCMD/edge', { alias: 4 }],
  ['garden/edge/lamp', switchOn, 'spBv1.0/garden/DCMD/edge/lamp', { name: 'Outputs/Lamp' }],
])('Sparkplug: %s hears %j as the writing of a metric', (externalId, wish, topic, metric) => {
  const sparkplug = dialectOf('sparkplug-b');
  const said = sparkplug.command!(commandFor(wish, externalId), recallBirth);
  if (!('payload' in said) || typeof said.payload === 'string') throw new Error('bytes are due');
  const { metrics } = Payload.toObject(Payload.decode(said.payload), { longs: Number });
  expect({ topic: said.topic, metrics }).toEqual({ topic, metrics: [{ ...metric, datatype: 11, booleanValue: true }] });
  const echo = { topic, payload: said.payload, retain: false, timeZone: 'UTC' };
  expect(sparkplug.decode(echo, () => undefined)).toEqual({ outcome: 'no-op', reason: 'downlink-echo' });
});

test.each<[string, CommandWish, RegExp]>([
  ['garden/edge/lamp', restart, /no Node Control/],
  ['garden/edge/nobody', switchOn, /nothing that is on or off/],
  ['garden/edge/board', switchOn, /several.*: Outputs\/1, Outputs\/2/],
])('Sparkplug: %s can not be told %j', (externalId, wish, why) => {
  const said = dialectOf('sparkplug-b').command!(commandFor(wish, externalId), recallBirth);
  expect(said).toEqual({ impossible: expect.stringMatching(why) });
});

test.each<[string, CommandWish, RegExp]>([
  ['facegate', switchOn, /no words for switch/],
  ['ocpp16', stopCharging, /s-1 is not known to run/],
  ['ocpp201', openGate(), /no words for open-gate/],
  ['uhppoted', openGate('5'), /the doors 1 to 4/],
  ['uhppoted', openGate('1'), /in the name of a card/],
  ['vzenith', restart, /no words for restart/],
])('%s can not say %j', (name, wish, why) => {
  expect(dialectOf(name).command!(commandFor(wish), () => undefined)).toEqual({
    impossible: expect.stringMatching(why),
  });
});

test('commands are for kinds that there are, with a title in both languages', () => {
  const known = new Set<string>(kinds.map(({ kind }) => kind));
  for (const { kinds: of, title } of Object.values(deviceCommands)) {
    expect(of.filter((kind) => !known.has(kind))).toEqual([]);
    expect([title.zh, title.en].every((text) => text.length > 0)).toBe(true);
  }
});
