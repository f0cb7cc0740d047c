import { z } from 'zod';
import { commandNames } from '../commands.ts';
import { type deviceEvents, measuredValues } from '../device-events.ts';
import { type Decoded, type DeviceFact, type Dialect, type DialectMessage, facts, noOp, refused } from '../dialect.ts';
import { contractRefusal, type Parsed, parseJson, parseText } from '../payload.ts';
import { timeFromIso } from '../time.ts';
import { contractOf, kindOfType, unknownType } from '../vocabulary.ts';

/** Events or readings in one message; the MQTT packet limit would allow far more than one transaction should hold. */
const batchItemsMax = 1000;

const time = z.iso.datetime({
  offset: true,
  error: 'RFC 3339 with Z or an offset, e.g. 2026-01-31T08:00:00+08:00',
});
const anything = z.unknown();
/** Its type's contract looks into it. A record's schema would look at every key and copy them all. */
const anyData = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'an object, e.g. {}' },
);
const ownId = z.string().min(1).max(200);

const canonicalEvent = z.strictObject({
  type: z.string(),
  time: time.optional(),
  id: ownId.optional(),
  seq: z.int().min(0).optional(),
  data: anyData.default({}),
});

/** CloudEvents 1.0: extension attributes and `subject` are allowed and not used. */
const cloudEvent = z.looseObject({
  specversion: z.literal('1.0', { error: 'this hub reads CloudEvents 1.0' }),
  id: ownId,
  source: z.string().min(1, 'CloudEvents need a source, e.g. urn:device:gate-1'),
  type: z.string(),
  time: time.optional(),
  data: anyData.default({}),
  data_base64: z.undefined({ error: 'send the data as JSON in "data"' }).optional(),
});

const telemetry = z.strictObject({ time: time.optional(), values: measuredValues });

/** What the hub says on `…/commands`. */
export const canonicalCommand = z.strictObject({
  id: z.uuid(),
  command: z.enum(commandNames),
  arguments: z.record(z.string(), z.unknown()),
  time: z.iso.datetime(),
});

/** What the device says on `…/commands/answers`. */
export const canonicalAnswer = z.strictObject({
  id: ownId,
  accepted: z.boolean(),
  command: z.string().max(500).optional(),
  text: z.string().max(500).optional(),
  time: time.optional(),
});

const statusWord = z.union([z.enum(['online', 'offline']), z.strictObject({ state: z.enum(['online', 'offline']) })], {
  error: 'online or offline, as plain text or {"state":"online"}',
});

/** Types that only the hub itself writes, though they stand in a device's history. */
const hubTypes: ReadonlySet<string> = new Set<keyof typeof deviceEvents>(['device.command-sent']);

interface Item {
  type: string;
  data: Record<string, unknown>;
  time?: string | undefined;
  sourceId?: string | undefined;
  isCounter?: boolean;
}

const factOf = (item: Item, device: string): DeviceFact => {
  const fact: DeviceFact = { type: item.type, data: item.data, externalId: device };
  const kind = kindOfType(item.type);
  if (kind !== undefined) fact.kind = kind;
  // Only text that the schema took as RFC 3339 arrives here; its zone is in the text.
  const time = item.time === undefined ? undefined : timeFromIso(item.time, 'UTC');
  if (time !== undefined) fact.time = time;
  if (item.sourceId !== undefined) fact.sourceId = item.sourceId;
  if (item.isCounter && item.time === undefined) fact.sourceIdRestarts = true;
  return fact;
};

const looksLikeCloudEvent = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'specversion' in json && 'type' in json;

const readItem = (json: unknown, path: string): Parsed<Item> => {
  const prefix = path === '' ? '' : `${path}.`;
  const item = looksLikeCloudEvent(json) ? readCloudEvent(json, path) : readCanonicalEvent(json, path);
  if (!item.ok) return item;
  const { type } = item.value;
  if (contractOf(type) === undefined) return { ok: false, refusal: unknownType(type, `${prefix}type`) };
  if (hubTypes.has(type)) {
    const reason = `${type} is written by the hub when it sends the command; a device answers on …/commands/answers.`;
    return { ok: false, refusal: refused('unknown-type', reason, `${prefix}type`) };
  }
  return item;
};

const readCanonicalEvent = (json: unknown, path: string): Parsed<Item> => {
  const result = canonicalEvent.safeParse(json);
  if (!result.success) return { ok: false, refusal: contractRefusal(result.error, path) };
  const { type, time, id, seq, data } = result.data;
  const counted = id === undefined && seq !== undefined;
  return { ok: true, value: { type, data, time, sourceId: counted ? `seq:${seq}` : id, isCounter: counted } };
};

const readCloudEvent = (json: unknown, path: string): Parsed<Item> => {
  const result = cloudEvent.safeParse(json);
  if (!result.success) return { ok: false, refusal: contractRefusal(result.error, path) };
  const { type, data, id } = result.data;
  return { ok: true, value: { type, data, time: result.data.time, sourceId: id } };
};

/** CloudEvents in MQTT 5 binary mode: every attribute a user property of the same name, the payload is the data. */
const readBinaryCloudEvent = (message: DialectMessage, attributes: Record<string, string>): Parsed<Item> => {
  const empty = message.payload.length === 0;
  const data = empty ? { ok: true as const, value: {} } : parseJson(message.payload, anyData);
  return data.ok ? readItem({ ...attributes, data: data.value }, '') : data;
};

const firstOfEach = (userProperties: DialectMessage['userProperties']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(userProperties ?? {}).flatMap(([name, value]) => {
      const first = typeof value === 'string' ? value : value[0];
      return first === undefined ? [] : [[name, first]];
    }),
  );

const decodeEvents = (message: DialectMessage, device: string): Decoded => {
  const structured = message.contentType?.startsWith('application/cloudevents') ?? false;
  const attributes = message.userProperties === undefined ? {} : firstOfEach(message.userProperties);
  if (!structured && looksLikeCloudEvent(attributes)) {
    const item = readBinaryCloudEvent(message, attributes);
    return item.ok ? facts(factOf(item.value, device)) : item.refusal;
  }
  const json = parseJson(message.payload, anything);
  if (!json.ok) return json.refusal;
  const wantsCloudEvent = structured ? readCloudEventOnly : readItem;
  return decodeOneOrMany(json.value, (item, path) => {
    const read = wantsCloudEvent(item, path);
    return read.ok ? { ok: true, value: factOf(read.value, device) } : read;
  });
};

/** The content type promises CloudEvents, so a payload without `specversion` is told what it lacks. */
const readCloudEventOnly = (json: unknown, path: string): Parsed<Item> =>
  looksLikeCloudEvent(json) ? readItem(json, path) : readCloudEvent(json, path);

const decodeTelemetry = (message: DialectMessage, device: string): Decoded => {
  const json = parseJson(message.payload, anything);
  if (!json.ok) return json.refusal;
  return decodeOneOrMany(json.value, (item, path) => {
    const result = telemetry.safeParse(item);
    if (!result.success) return { ok: false, refusal: contractRefusal(result.error, path) };
    const { values } = result.data;
    return { ok: true, value: factOf({ type: 'sensor.measured', data: { values }, time: result.data.time }, device) };
  });
};

const decodeOneOrMany = (json: unknown, read: (item: unknown, path: string) => Parsed<DeviceFact>): Decoded => {
  if (!Array.isArray(json)) {
    const one = read(json, '');
    return one.ok ? facts(one.value) : one.refusal;
  }
  if (json.length === 0) return noOp('empty-batch');
  if (json.length > batchItemsMax) {
    return refused('contract-violated', `At most ${batchItemsMax} items in one message; this one has ${json.length}.`);
  }
  const all: DeviceFact[] = [];
  for (const [index, item] of json.entries()) {
    const one = read(item, String(index));
    if (!one.ok) return one.refusal;
    all.push(one.value);
  }
  return facts(...all);
};

const decodeStatus = (message: DialectMessage, device: string): Decoded => {
  // Publishing nothing, retained, is how MQTT deletes a retained message; it says nothing of the device.
  if (message.payload.length === 0) return noOp('status-cleared');
  const text = parseText(message.payload);
  if (!text.ok) return text.refusal;
  const trimmed = text.value.trim();
  const json = trimmed.startsWith('{') ? parseJson(message.payload, anything) : { ok: true as const, value: trimmed };
  if (!json.ok) return json.refusal;
  const result = statusWord.safeParse(json.value);
  if (!result.success) return contractRefusal(result.error);
  const state = typeof result.data === 'string' ? result.data : result.data.state;
  return facts({
    type: state === 'online' ? 'device.connected' : 'device.disconnected',
    data: { reason: 'reported' },
    externalId: device,
    level: { channel: 'availability', value: state },
  });
};

const decodeAnswer = (message: DialectMessage, device: string): Decoded => {
  const parsed = parseJson(message.payload, canonicalAnswer);
  if (!parsed.ok) return parsed.refusal;
  const { id, time: answeredAt, ...rest } = parsed.value;
  const data = { commandId: id, ...rest };
  return facts(factOf({ type: 'device.command-answered', data, time: answeredAt, sourceId: `answer:${id}` }, device));
};

/** The hub's own way of speaking, one device (or a child of a canonical gateway) per topic. */
export const dialect: Dialect = {
  name: 'canonical',
  title: { zh: '星园标准格式', en: 'Xingyuan canonical' },
  kinds: ['access-gate', 'charging-post', 'camera', 'sensor'],
  topics: ['xy/v1/+/+/events', 'xy/v1/+/+/telemetry', 'xy/v1/+/+/status', 'xy/v1/+/+/commands/answers'],
  // Each of its own only.
  downlinks: ['xy/v1/+/+/commands', 'xy/v1/+/+/refusals'],
  command({ id, command, arguments: given, device, at }) {
    const said: z.input<typeof canonicalCommand> = { id, command, arguments: given, time: at };
    return { topic: `xy/v1/${device.compound}/${device.id}/commands`, payload: JSON.stringify(said) };
  },
  decode(message) {
    const levels = message.topic.split('/');
    const device = levels[3] ?? '';
    if (device === '')
      return refused('wrong-topic', 'Publish on xy/v1/<compound>/<device>/events, telemetry or status.');
    switch (levels[5] === undefined ? levels[4] : levels.slice(4).join('/')) {
      case 'events':
        return decodeEvents(message, device);
      case 'telemetry':
        return decodeTelemetry(message, device);
      case 'status':
        return decodeStatus(message, device);
      case 'commands/answers':
        return decodeAnswer(message, device);
      default:
        return refused('wrong-topic', 'Publish on …/events, …/telemetry, …/status or …/commands/answers.');
    }
  },
};
