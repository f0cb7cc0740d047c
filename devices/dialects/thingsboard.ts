import { z } from 'zod';
import { defined } from '../codecs/state-facts.ts';
import { answered, type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { kinds } from '../kinds/registry.ts';
import { type Parsed, parseJson } from '../payload.ts';
import { namedIn } from './ocpp16/bridge-forms.ts';
import { readFrame } from './ocpp16/frames.ts';
import { sayingOf } from './ocpp16/saying.ts';
import { decodeFrame } from './ocpp16.ts';
import { answerGatewayRequest, answerOwnRequest, rememberAttributes } from './thingsboard/attributes.ts';
import { factsOfSamples, readSamples, type Standing } from './thingsboard/telemetry.ts';

type Recall = (key: string) => string | undefined;
type Read = (payload: Uint8Array, recall: Recall, id: string, timeZone: string) => Decoded;

const devicesMax = 1_000;
const deviceName = z.string().min(1).max(200);
const anything = z.unknown();
const object = z.record(z.string(), z.unknown());
const seen: DeviceFact = { type: 'device.seen', data: {} };

const withMemory = (items: DeviceFact[], remember: Record<string, string | null>): Decoded => ({
  outcome: 'facts',
  facts: items,
  ...(Object.keys(remember).length === 0 ? {} : { remember }),
});

/** The fault that stands is remembered by device, so that its end can name it. */
const faultKey = (device: string | undefined): string => (device === undefined ? 'fault' : `fault:${device}`);
const changedFault = (device: string | undefined, before: string | undefined, { fault }: Standing) =>
  before === fault ? {} : { [faultKey(device)]: fault ?? null };

/** A flow with node-red-contrib-ocpp hands a charging post's messages on whole, as telemetry. */
const decodeOcpp = (json: unknown, post: string, recall: Recall, timeZone: string): Decoded => {
  const frame = readFrame(json);
  return frame.ok ? decodeFrame(frame.value, 'up', sayingOf({ timeZone }, post), recall) : frame.refusal;
};

const decodeOwnTelemetry: Read = (payload, recall, _id, timeZone) => {
  const json = parseJson(payload, anything);
  if (!json.ok) return json.refusal;
  const post = namedIn(json.value);
  if (post !== undefined) return decodeOcpp(json.value, post, recall, timeZone);
  const samples = readSamples(json.value, '');
  if (!samples.ok) return samples.refusal;
  const fault = recall(faultKey(undefined));
  const standing = { fault };
  return withMemory(factsOfSamples(samples.value, {}, standing), changedFault(undefined, fault, standing));
};

const decodeOwnAttributes: Read = (payload, recall) => {
  const json = parseJson(payload, object);
  return json.ok ? withMemory([seen], rememberAttributes(recall, undefined, json.value)) : json.refusal;
};

const commandAnswer = (commandId: string, data: unknown): DeviceFact => {
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : undefined;
  const text = typeof error === 'string' ? error.slice(0, 500) : undefined;
  return {
    type: 'device.command-answered',
    data: defined({ commandId, accepted: error === undefined, text }),
    sourceId: `rpc:${commandId}`.slice(0, 200),
    sourceIdRestarts: true,
  };
};

const decodeOwnRpcResponse: Read = (payload, _recall, id) => {
  const json = parseJson(payload, anything);
  return json.ok ? facts(commandAnswer(id, json.value)) : json.refusal;
};

const answerOwn =
  (prefix: string): Read =>
  (payload, recall, id) => {
    const answer = answerOwnRequest(payload, `${prefix}/${id}`, recall);
    return answer.ok ? answered(noOp('attributes-asked'), answer.value) : answer.refusal;
  };

/** A gateway names a device's profile when it connects it; a profile called as one of the hub's kinds is that kind. */
const kindKey = (device: string): string => `kind:${device}`;
const isKind = (word: string | undefined): word is string => kinds.some(({ kind }) => kind === word);
const kindOf = (recall: Recall, device: string): string => {
  const known = recall(kindKey(device));
  return isKind(known) ? known : 'sensor';
};

const speakerOf = (recall: Recall, device: string) => ({ externalId: device, kind: kindOf(recall, device) });

/** What a gateway says of several devices under their names. */
const readDevices = (payload: Uint8Array): Parsed<[device: string, said: unknown][]> => {
  const json = parseJson(payload, object);
  if (!json.ok) return json;
  const entries = Object.entries(json.value);
  const unnamed = entries.find(([device]) => !deviceName.safeParse(device).success);
  if (unnamed === undefined && entries.length <= devicesMax) return { ok: true, value: entries };
  const reason = unnamed === undefined ? `at most ${devicesMax} devices in one message` : 'a device without a name';
  return { ok: false, refusal: refused('contract-violated', reason) };
};

const decodeGatewayTelemetry: Read = (payload, recall) => {
  const devices = readDevices(payload);
  if (!devices.ok) return devices.refusal;
  const all: DeviceFact[] = [];
  const remember: Record<string, string | null> = {};
  for (const [device, said] of devices.value) {
    const samples = readSamples(said, device);
    if (!samples.ok) return samples.refusal;
    const fault = recall(faultKey(device));
    const standing = { fault };
    all.push(...factsOfSamples(samples.value, speakerOf(recall, device), standing));
    Object.assign(remember, changedFault(device, fault, standing));
  }
  return withMemory(all, remember);
};

const downlink = z.looseObject({ device: z.string(), data: object });

const decodeGatewayAttributes: Read = (payload, recall) => {
  // As the platform tells a gateway of changed attributes.
  if (parseJson(payload, downlink).ok) return noOp('downlink-echo');
  const devices = readDevices(payload);
  if (!devices.ok) return devices.refusal;
  const all: DeviceFact[] = [];
  const remember: Record<string, string> = {};
  for (const [device, said] of devices.value) {
    const attributes = object.safeParse(said);
    if (!attributes.success) return refused('contract-violated', `${device}: keys and values`, device);
    all.push({ ...seen, ...speakerOf(recall, device) });
    Object.assign(remember, rememberAttributes(recall, device, attributes.data));
  }
  return withMemory(all, remember);
};

const connection = z.looseObject({ device: deviceName, type: z.string().max(200).optional() });

const decodeConnection =
  (online: boolean): Read =>
  (payload, recall) => {
    const parsed = parseJson(payload, connection);
    if (!parsed.ok) return parsed.refusal;
    const { device, type } = parsed.value;
    const kind = isKind(type) ? type : kindOf(recall, device);
    const fact: DeviceFact = {
      type: online ? 'device.connected' : 'device.disconnected',
      data: { reason: 'reported' },
      externalId: device,
      kind,
      level: { channel: 'availability', value: online ? 'online' : 'offline' },
    };
    return withMemory([fact], isKind(type) && type !== recall(kindKey(device)) ? { [kindKey(device)]: type } : {});
  };

const gatewayRpc = z.looseObject({
  device: deviceName,
  id: z.union([z.number(), z.string().max(100)]).optional(),
  data: anything.optional(),
});

const decodeGatewayRpc: Read = (payload, recall) => {
  const parsed = parseJson(payload, gatewayRpc);
  if (!parsed.ok) return parsed.refusal;
  const { device, id, data } = parsed.value;
  if (id === undefined) return noOp('downlink-echo');
  return facts({ ...commandAnswer(String(id), data), ...speakerOf(recall, device) });
};

const answerGateway: Read = (payload, recall) => {
  const answer = answerGatewayRequest(payload, 'v1/gateway/attributes/response', recall);
  return answer.ok ? answered(noOp('attributes-asked'), answer.value) : answer.refusal;
};

const nothing =
  (reason: string): Read =>
  () =>
    noOp(reason);

/** The device API, its short topics, and the gateway API; `+` stands for the number of a request. */
const readers: Record<string, Read> = {
  'v1/devices/me/telemetry': decodeOwnTelemetry,
  'v2/t': decodeOwnTelemetry,
  'v2/t/j': decodeOwnTelemetry,
  'v1/devices/me/attributes': decodeOwnAttributes,
  'v2/a': decodeOwnAttributes,
  'v2/a/j': decodeOwnAttributes,
  'v1/devices/me/attributes/request/+': answerOwn('v1/devices/me/attributes/response'),
  'v2/a/req/+': answerOwn('v2/a/res'),
  'v1/devices/me/attributes/response/+': nothing('downlink-echo'),
  'v2/a/res/+': nothing('downlink-echo'),
  // What a device asks of the platform's rules has no counterpart here; what the platform asks is ours.
  'v1/devices/me/rpc/request/+': nothing('rpc-request'),
  'v2/r/req/+': nothing('rpc-request'),
  'v1/devices/me/rpc/response/+': decodeOwnRpcResponse,
  'v2/r/res/+': decodeOwnRpcResponse,
  'v1/devices/me/claim': nothing('claim'),
  'v1/gateway/connect': decodeConnection(true),
  'v1/gateway/disconnect': decodeConnection(false),
  'v1/gateway/telemetry': decodeGatewayTelemetry,
  'v1/gateway/attributes': decodeGatewayAttributes,
  'v1/gateway/attributes/request': answerGateway,
  'v1/gateway/attributes/response': nothing('downlink-echo'),
  'v1/gateway/rpc': decodeGatewayRpc,
  'v1/gateway/claim': nothing('claim'),
};

const readerOf = (topic: string): { read: Read; id: string } | undefined => {
  const exact = Object.hasOwn(readers, topic) ? readers[topic] : undefined;
  if (exact !== undefined) return { read: exact, id: '' };
  const end = topic.lastIndexOf('/');
  const numbered = `${topic.slice(0, end)}/+`;
  const read = Object.hasOwn(readers, numbered) ? readers[numbered] : undefined;
  const id = topic.slice(end + 1);
  return read === undefined || id === '' ? undefined : { read, id };
};

/** ThingsBoard's device and gateway API: the credential's own device speaks, or a gateway names others. */
export const dialect: Dialect = {
  name: 'thingsboard',
  title: { zh: 'ThingsBoard 设备与网关接口', en: 'ThingsBoard device and gateway API' },
  kinds: ['sensor', 'access-gate', 'charging-post', 'camera'],
  topics: ['v1/devices/me/#', 'v1/gateway/#', 'v2/t/#', 'v2/a/#', 'v2/r/#'],
  decode({ topic, payload, timeZone }, recall) {
    const reader = readerOf(topic);
    if (reader !== undefined) return reader.read(payload, recall, reader.id, timeZone);
    if (/^v2\/[at]\/p$/.test(topic)) {
      return refused('binary-payload', 'Protobuf needs a schema that the hub has not: set the payload type to JSON.');
    }
    return refused(
      'wrong-topic',
      'Publish on v1/devices/me/telemetry, …/attributes or v1/gateway/telemetry, …/connect.',
    );
  },
  command: ({ id, command: method, arguments: params, device: { externalId: device } }) =>
    // A device behind a gateway is known by its name there; the credential's own device has none.
    device === undefined
      ? { topic: `v1/devices/me/rpc/request/${id}`, payload: JSON.stringify({ method, params }) }
      : { topic: 'v1/gateway/rpc', payload: JSON.stringify({ device, data: { id, method, params } }) },
};
