import { z } from 'zod';
import { connectionFact, defined, spokenBy } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceTime, type Dialect, facts, impossible, noOp, refused } from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { timeFromEpochMilliseconds, timeFromIso } from '../time.ts';
import { addressKey, availabilityOf, decodeBridge } from './zigbee2mqtt/bridge.ts';
import { factsOfState } from './zigbee2mqtt/device-state.ts';

const deviceState = z.record(z.string(), z.unknown());

/** There only when `advanced.last_seen` is set, as ISO 8601 or epoch milliseconds; else a state carries no time at all. */
const lastSeen = (value: unknown, timeZone: string): DeviceTime | undefined => {
  if (typeof value === 'number') return timeFromEpochMilliseconds(value);
  return typeof value === 'string' ? timeFromIso(value, timeZone) : undefined;
};

/** A friendly name may hold slashes, so that only a word at the end tells the other topics apart: `name`, the word. */
const splitTopic = (segments: readonly string[]): { name: string; suffix?: 'availability' | 'command' } => {
  const command = segments.findIndex((segment, index) => index > 0 && (segment === 'set' || segment === 'get'));
  // `…/set/state` sets one attribute.
  if (command > 0 && command >= segments.length - 2) {
    return { name: segments.slice(0, command).join('/'), suffix: 'command' };
  }
  return segments.length > 1 && segments.at(-1) === 'availability'
    ? { name: segments.slice(0, -1).join('/'), suffix: 'availability' }
    : { name: segments.join('/') };
};

const decodeDevice = (
  name: string,
  suffix: 'availability' | undefined,
  message: { payload: Uint8Array; timeZone: string },
  recall: (key: string) => string | undefined,
): Decoded => {
  const speaker = { externalId: recall(addressKey(name)) ?? name, kind: 'sensor', name };
  // An empty retained message takes a retained state away, after a device was renamed or removed.
  if (message.payload.length === 0) return noOp('retained-cleared');
  if (suffix === 'availability') {
    const state = availabilityOf(message.payload);
    return state.ok ? facts(...spokenBy(speaker, [connectionFact(state.online)])) : state.refusal;
  }
  const parsed = parseJson(message.payload, deviceState);
  if (!parsed.ok) return parsed.refusal;
  const time = lastSeen(parsed.value.last_seen, message.timeZone);
  return facts(...spokenBy({ ...speaker, ...defined({ time }) }, factsOfState(parsed.value)));
};

export const dialect: Dialect = {
  name: 'zigbee2mqtt',
  title: { zh: 'Zigbee2MQTT 网关', en: 'Zigbee2MQTT gateway' },
  kinds: ['sensor'],
  topics: ['zigbee2mqtt/#'],
  command({ command, arguments: given, device }) {
    if (command !== 'switch') return impossible(command, 'zigbee2mqtt');
    // An IEEE address names the device as well as its friendly name does.
    const topic = `zigbee2mqtt/${device.externalId ?? device.id}/set`;
    return { topic, payload: JSON.stringify({ state: given.on ? 'ON' : 'OFF' }), unanswered: true };
  },
  decode(message, recall) {
    const [root, ...segments] = message.topic.split('/');
    if (root !== 'zigbee2mqtt' || segments.join('') === '') {
      return refused('wrong-topic', 'Zigbee2MQTT publishes beneath zigbee2mqtt/; keep its base_topic at the default.');
    }
    if (segments[0] === 'bridge') return decodeBridge(segments.slice(1), message.payload);
    const { name, suffix } = splitTopic(segments);
    return suffix === 'command' ? noOp('downlink-echo') : decodeDevice(name, suffix, message, recall);
  },
};
