import { z } from 'zod';
import { connectionFact, spokenBy } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type DeviceTime, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseJson, parseText } from '../payload.ts';
import { timeFromEpochSeconds } from '../time.ts';
import { factsOfComponents } from './shelly/components.ts';

type Recall = (key: string) => string | undefined;

const notification = z.object({
  src: z.string().min(1).max(200),
  method: z.string().max(100),
  params: z.record(z.string(), z.unknown()),
});

const componentStatus = z.record(z.string(), z.unknown());

/** `shellyplus1pm-a8032abe54dc`: the model and the MAC address. */
const ownId = /^shelly[a-z0-9]+-[0-9a-f]{12}$/;

/** The topic's first level is the device's id until somebody gives it another prefix; `src` always names the device. */
const prefixKey = (prefix: string): string => `shelly:${prefix}`;

/** Before it has heard from a time server, which after each waking of a battery device takes a while, a device counts
 * from its start: `ts` 1.33. */
const earliestSeconds = Date.UTC(2020, 0, 1) / 1000;

const timeOf = (ts: unknown): DeviceTime | undefined =>
  typeof ts === 'number' && ts >= earliestSeconds ? timeFromEpochSeconds(ts) : undefined;

const speakerOf = (externalId: string, time?: DeviceTime) => ({
  externalId,
  kind: 'sensor',
  name: externalId,
  ...(time === undefined ? {} : { time }),
});

const decodeNotification = (prefix: string, payload: Uint8Array, recall: Recall): Decoded => {
  const parsed = parseJson(payload, notification);
  if (!parsed.ok) return parsed.refusal;
  const { method, params } = parsed.value;
  const id = parsed.value.src.toLowerCase();
  if (ownId.test(prefix) && prefix !== id) {
    return refused('identity-mismatch', `The topic says device ${prefix}, the payload ${id}.`, 'src');
  }
  const remember = prefix === id || recall(prefixKey(prefix)) === id ? {} : { remember: { [prefixKey(prefix)]: id } };
  // Pushes of a button and changes of the settings; what a component measures comes as its status.
  if (method === 'NotifyEvent') return { ...noOp('component-event'), ...remember };
  if (method !== 'NotifyStatus' && method !== 'NotifyFullStatus') {
    return refused('unknown-type', `"${method}" is no notification of a Shelly that is known here.`, 'method');
  }
  const { ts, ...components } = params;
  const said = factsOfComponents(components, method === 'NotifyFullStatus');
  return { ...spoken(speakerOf(id, timeOf(ts)), said), ...remember };
};

const spoken = (speaker: ReturnType<typeof speakerOf>, said: readonly DeviceFact[]): Decoded =>
  said.length === 0 ? noOp('no-known-component') : facts(...spokenBy(speaker, said));

const decodeOnline = (id: string, payload: Uint8Array): Decoded => {
  const text = parseText(payload);
  if (!text.ok) return text.refusal;
  const word = text.value.trim();
  if (word !== 'true' && word !== 'false') return refused('contract-violated', 'payload: true or false');
  return facts(...spokenBy(speakerOf(id), [connectionFact(word === 'true')]));
};

const decodeStatus = (id: string, component: string, payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, componentStatus);
  if (!parsed.ok) return parsed.refusal;
  return spoken(speakerOf(id), factsOfComponents({ [component]: parsed.value }, true));
};

/** Shelly devices from the second generation on. */
export const dialect: Dialect = {
  name: 'shelly',
  title: { zh: 'Shelly（第二代起）', en: 'Shelly (Gen2 and later)' },
  kinds: ['sensor'],
  topics: ['+/events/rpc', '+/online', '+/status/+'],
  decode({ topic, payload }, recall) {
    const [prefix, kind, component, ...rest] = topic.split('/');
    const isKnown =
      (kind === 'online' && component === undefined) ||
      (kind === 'events' && component === 'rpc') ||
      (kind === 'status' && component !== undefined && component !== '');
    if (!prefix || !isKnown || rest.length > 0) {
      return refused('wrong-topic', 'A Shelly publishes on <topic prefix>/events/rpc; give it a prefix of one level.');
    }
    // An empty retained message takes a retained state away.
    if (payload.length === 0) return noOp('retained-cleared');
    if (kind === 'events') return decodeNotification(prefix, payload, recall);
    const id = ownId.test(prefix) ? prefix : recall(prefixKey(prefix));
    // The first notification tells who is behind the prefix, and the device says `online` again at every connect.
    if (id === undefined || id === '') return noOp('prefix-not-known-yet');
    return kind === 'online' ? decodeOnline(id, payload) : decodeStatus(id, component ?? '', payload);
  },
};
