import { dialects as dialectList } from '../../../devices/dialects/registry.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { deviceFor, indexWith } from '../ingest-harness.ts';
import {
  type BridgeVariables,
  bridgeSettings,
  clientIdOf,
  formerSubscriptionsOf,
  subscriptionsOf,
} from './settings.ts';

const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
const index = indexWith(
  deviceFor('site', { kind: 'gateway', dialect: 'auto' }),
  deviceFor('bees', { kind: 'gateway', dialect: 'zigbee2mqtt' }),
  deviceFor('gone', { kind: 'gateway', retiredAt: '2026-02-01T00:00:00.000Z' }),
  deviceFor('gate-1'),
);
const settingsWith = (more: Partial<BridgeVariables> = {}) =>
  bridgeSettings(
    { HUB_BRIDGE_URL: 'mqtt://broker:1883', HUB_BRIDGE_GATEWAY: 'bees', HUB_BRIDGE_MQTT_VERSION: '5', ...more },
    index,
    dialects,
  );

test('the gateway alone says what is subscribed to', () => {
  expect(settingsWith()).toEqual({
    url: 'mqtt://broker:1883',
    username: undefined,
    password: undefined,
    gateway: 'bees',
    filters: ['xy/v1/#', 'zigbee2mqtt/#'],
    share: undefined,
    clientId: 'xingyuan-bees',
    connections: 1,
    protocolVersion: 5,
  });
});

test('a gateway of dialect auto hears what any dialect claims, and no filter takes in another', () => {
  const { filters } = settingsWith({ HUB_BRIDGE_GATEWAY: 'site' });
  for (const { topics } of dialectList) {
    for (const topic of topics) expect(/^(?:xy\/|\$)/.test(topic) || filters.includes(topic)).toBe(true);
  }
});

test('the account may stand in the URL, percent-encoded, and is taken out of it; the variables win', () => {
  const url = 'mqtts://hub%40site:a%2Fb@broker.example:8883';
  expect(settingsWith({ HUB_BRIDGE_URL: url })).toMatchObject({
    url: 'mqtts://broker.example:8883',
    username: 'hub@site',
    password: 'a/b',
  });
  expect(settingsWith({ HUB_BRIDGE_URL: url, HUB_BRIDGE_PASSWORD: 'c' })).toMatchObject({ password: 'c' });
});

test('a shared subscription names its group before each filter', () => {
  const settings = settingsWith({
    HUB_BRIDGE_SHARE: 'xingyuan',
    HUB_BRIDGE_CLIENT_ID: 'ingest-1',
    HUB_BRIDGE_TOPICS: ' xy/v1/#, frigate/# ,',
  });
  expect(subscriptionsOf(settings)).toEqual(['$share/xingyuan/xy/v1/#', '$share/xingyuan/frigate/#']);
});

test('several connections share with each other, and give up what one alone had subscribed to', () => {
  const [one, several] = [settingsWith(), settingsWith({ HUB_BRIDGE_CONNECTIONS: 3 })];
  expect(several).toMatchObject({ share: 'xingyuan-bees', clientId: 'xingyuan-bees', connections: 3 });
  expect([0, 1, 2].map((nth) => clientIdOf(several, nth))).toEqual([
    'xingyuan-bees',
    'xingyuan-bees:2',
    'xingyuan-bees:3',
  ]);
  expect(formerSubscriptionsOf(several)).toEqual(subscriptionsOf(one));
  expect(formerSubscriptionsOf(one)).toEqual(subscriptionsOf(several));
  const grouped = settingsWith({ HUB_BRIDGE_SHARE: 'all', HUB_BRIDGE_CLIENT_ID: 'a', HUB_BRIDGE_CONNECTIONS: 3 });
  expect(grouped).toMatchObject({ share: 'all', connections: 3 });
  expect(formerSubscriptionsOf(grouped)).toEqual([...subscriptionsOf(one), ...subscriptionsOf(several)]);
});

test.each<[string, Partial<BridgeVariables>, RegExp]>([
  [
    'several connections with 3.1.1',
    { HUB_BRIDGE_CONNECTIONS: 2, HUB_BRIDGE_MQTT_VERSION: '3.1.1' },
    /HUB_BRIDGE_CONNECTIONS.*MQTT 5/,
  ],
  ['no broker address', { HUB_BRIDGE_URL: 'broker:1883' }, /^HUB_BRIDGE_URL .*mqtt:\/\/host:1883/],
  ['another protocol', { HUB_BRIDGE_URL: 'ws://broker' }, /^HUB_BRIDGE_URL /],
  ['a password that is not encoded', { HUB_BRIDGE_URL: 'mqtt://u:%zz@broker' }, /HUB_BRIDGE_PASSWORD/],
  ['no gateway', { HUB_BRIDGE_GATEWAY: undefined }, /HUB_BRIDGE_GATEWAY is not\. Start the hub without HUB_BRIDGE_URL/],
  ['an unknown gateway', { HUB_BRIDGE_GATEWAY: 'nobody' }, /nobody, which is not registered\. .*POST \/api\/devices/],
  ['a retired gateway', { HUB_BRIDGE_GATEWAY: 'gone' }, /gone, which was retired/],
  ['a gateway that is none', { HUB_BRIDGE_GATEWAY: 'gate-1' }, /gate-1, which is of kind access-gate/],
  ['a filter that is none', { HUB_BRIDGE_TOPICS: 'xy/#/events' }, /HUB_BRIDGE_TOPICS holds xy\/#\/events/],
  ['a shared filter', { HUB_BRIDGE_TOPICS: '$share/g/xy/#' }, /HUB_BRIDGE_SHARE/],
  ['filters that take in one another', { HUB_BRIDGE_TOPICS: 'xy/#,xy/v1/+/+/events' }, /twice, by xy\/# as well/],
  ['a filter said twice', { HUB_BRIDGE_TOPICS: 'xy/#,xy/#' }, /twice/],
  ['a group with a slash', { HUB_BRIDGE_SHARE: 'a/b', HUB_BRIDGE_CLIENT_ID: 'x' }, /HUB_BRIDGE_SHARE is a\/b/],
  ['a group without a client id', { HUB_BRIDGE_SHARE: 'xingyuan' }, /HUB_BRIDGE_CLIENT_ID/],
])('refuses %s', (_what, variables, sentence) => {
  expect(() => settingsWith(variables)).toThrow(StartRefused);
  expect(() => settingsWith(variables)).toThrow(sentence);
});

test('the hub tells devices that wait for it of its state, where somebody named them, unless it is one of several', () => {
  const topics = { HUB_BRIDGE_TOPICS: 'spBv1.0/#' };
  expect(settingsWith().hostState).toBeUndefined();
  expect(settingsWith({ HUB_BRIDGE_GATEWAY: 'site' }).hostState).toBeUndefined();
  expect(settingsWith(topics).hostState?.topic).toBe('spBv1.0/STATE/xingyuan');
  const shared = { ...topics, HUB_BRIDGE_SHARE: 'hub', HUB_BRIDGE_CLIENT_ID: 'hub-1' };
  expect(settingsWith(shared).hostState).toBeUndefined();
});
