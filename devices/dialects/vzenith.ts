import { z } from 'zod';
import type { CommandDownlink, DeviceCommand } from '../commands.ts';
import {
  type Decoded,
  type DeviceFact,
  type Dialect,
  type DialectMessage,
  facts,
  impossible,
  noOp,
  refused,
} from '../dialect.ts';
import { contractRefusal, looseNumber, type Parsed, parseJson } from '../payload.ts';
import { timeFromEpochSeconds } from '../time.ts';
import { type PlateResult, plateResult, plateText } from './vzenith/plate.ts';

const looseText = z.union([z.string(), z.number().transform(String)]).optional();

const envelope = z.looseObject({
  id: looseText,
  sn: looseText,
  timestamp: looseNumber.optional().catch(undefined),
  code: looseNumber.optional().catch(undefined),
  payload: z.unknown().optional(),
});
type Envelope = z.infer<typeof envelope>;

interface Route {
  sn: string;
  direction: 'up' | 'down';
  name: string;
  reply: boolean;
}

/** `device/{sn}/message/up/{name}`, and `$/device/{sn}/message/…` and `{sn}/device/message/…` of other firmware;
 * `down/{command}[/reply]` alike. */
const readTopic = (topic: string): Route | undefined => {
  const [first, second, third, direction, name = '', reply, ...rest] = topic.replace(/^\$\//, '').split('/');
  const sn = first === 'device' ? second : second === 'device' ? first : undefined;
  if (!sn || third !== 'message' || rest.length > 0 || name === '') return undefined;
  if (direction !== 'up' && direction !== 'down') return undefined;
  if (reply !== undefined && (direction === 'up' || reply !== 'reply')) return undefined;
  return { sn, direction, name, reply: reply === 'reply' };
};

const readEnvelope = (message: DialectMessage, { sn }: Route): Parsed<Envelope> => {
  const parsed = parseJson(message.payload, envelope);
  if (!parsed.ok || parsed.value.sn === undefined || parsed.value.sn === sn) return parsed;
  const reason = `The payload says it is ${parsed.value.sn.slice(0, 100)}, the topic ${sn.slice(0, 100)}: publish beneath the camera's own serial number.`;
  return { ok: false, refusal: refused('identity-mismatch', reason, 'sn') };
};

/** Newer firmware counts the envelope's time in milliseconds. */
const timeOf = (seconds: number | undefined): Pick<DeviceFact, 'time'> => {
  if (seconds === undefined || seconds <= 0) return {};
  const time = timeFromEpochSeconds(seconds > 1e11 ? seconds / 1000 : seconds);
  return time === undefined ? {} : { time };
};

const aboutOf = ({ sn }: Route, { timestamp }: Envelope) => ({
  externalId: sn,
  kind: 'access-gate',
  ...timeOf(timestamp),
});

const alarmInfo = z.looseObject({
  AlarmInfoPlate: z.looseObject({ result: z.looseObject({ PlateResult: plateResult }) }),
});
const bodyOf = z.looseObject({ body: z.unknown() });

/** Firmware puts what it has to say into `payload` or, one level deeper, into `payload.body`. */
const inner = (payload: unknown): { value: unknown; path: string } => {
  const body = bodyOf.safeParse(payload);
  return body.success && body.data.body !== undefined
    ? { value: body.data.body, path: 'payload.body' }
    : { value: payload, path: 'payload' };
};

const decodePlate = (route: Route, message: Envelope): Decoded => {
  const { value, path } = inner(message.payload);
  const parsed = alarmInfo.safeParse(value);
  if (!parsed.success) return contractRefusal(parsed.error, path);
  const plate = parsed.data.AlarmInfoPlate.result.PlateResult;
  const reference = plate.is_encrypted === 1 ? undefined : plateText(plate.license);
  const { sec, usec } = plate.timeStamp?.Timeval ?? {};
  const time = sec === undefined ? {} : timeOf(sec + (usec ?? 0) / 1e6);
  return facts({
    ...aboutOf(route, message),
    ...time,
    type: 'gate.credential-seen',
    data: {
      credential: {
        method: 'plate',
        ...(reference === undefined ? {} : { reference }),
        ...(plate.is_fake_plate === 1 ? { vendorCode: 'fake-plate' } : {}),
      },
      ...confidenceOf(plate),
      ...directionOf(plate),
    },
    ...sourceOf(plate, message),
    ...(plate.isoffline === 1 || route.name === 'offline_record' ? { replayed: true } : {}),
  });
};

const confidenceOf = ({ confidence }: PlateResult): { confidence?: number } =>
  confidence === undefined || confidence < 0 || confidence > 100 ? {} : { confidence: confidence / 100 };

/** The numbers (1 left … 4 down) are directions in the picture; which of them leads into the compound only the site knows. */
const directionOf = ({ direction }: PlateResult): { direction?: 'in' | 'out' } =>
  direction === 'in' || direction === 'out' ? { direction } : {};

/** `quick_ivs_result` and the `ivs_result` after it are one reading and share this id. */
const sourceOf = ({ plateid, unique_id: uniqueId, timeStamp }: PlateResult, { timestamp }: Envelope) => {
  const own = uniqueId
    ? `plate:${uniqueId}`
    : plateid
      ? `plate:${plateid}:${timeStamp?.Timeval.sec ?? timestamp ?? ''}`
      : '';
  return own === '' ? {} : { sourceId: own.slice(0, 200) };
};

type DoorState = 'open' | 'closed' | 'opening' | 'closing' | 'stopped' | 'unknown';

/** No list of the numbers is published; a number is `unknown` rather than a guess at whether a barrier stands open. */
const doorStates = new Map<string, DoorState>([
  ...(['open', 'closed', 'opening', 'closing', 'stopped'] as const).map((word): [string, DoorState] => [word, word]),
  ['opened', 'open'],
  ['up', 'open'],
  ['开', 'open'],
  ['开到位', 'open'],
  ['close', 'closed'],
  ['down', 'closed'],
  ['关', 'closed'],
  ['关到位', 'closed'],
  ['stop', 'stopped'],
  ['停', 'stopped'],
]);

const barrier = z.looseObject({
  gate_status: z.union([z.string(), z.number().transform(String)], { error: 'the barrier state, a word or a number' }),
  gate_ctrl_id: looseText,
});

const decodeBarrier = (route: Route, message: Envelope): Decoded => {
  const { value, path } = inner(message.payload);
  const parsed = barrier.safeParse(value);
  if (!parsed.success) return contractRefusal(parsed.error, path);
  const { gate_status: status, gate_ctrl_id: controller } = parsed.data;
  const state = doorStates.get(status.trim().toLowerCase()) ?? 'unknown';
  const door = (controller ?? '').slice(0, 100);
  return facts({
    ...aboutOf(route, message),
    type: 'gate.door-changed',
    data: { state, ...(door === '' ? {} : { door }) },
    level: { channel: `barrier:${door}`, value: state },
  });
};

const decodeReply = (route: Route, message: Envelope): Decoded => {
  if (message.code === undefined) {
    return refused('contract-violated', 'code: 200 when the command was taken, another number when not', 'code');
  }
  const commandId = message.id?.slice(0, 500);
  const accepted = message.code === 200;
  return facts({
    ...aboutOf(route, message),
    type: 'device.command-answered',
    data: {
      command: route.name.slice(0, 500),
      ...(commandId === undefined ? {} : { commandId }),
      accepted,
      ...(accepted ? {} : { text: `code ${message.code}` }),
    },
    ...(commandId === undefined
      ? {}
      : { sourceId: `answer:${route.name}:${commandId}:${message.timestamp ?? ''}`.slice(0, 200) }),
  });
};

const decodeUp = (route: Route, message: Envelope): Decoded => {
  switch (route.name) {
    case 'ivs_result':
    case 'quick_ivs_result':
    case 'offline_record':
      return decodePlate(route, message);
    case 'barr_gate_status':
      return decodeBarrier(route, message);
    case 'keep_alive':
      return facts({ ...aboutOf(route, message), type: 'device.seen', data: {} });
    // A loop detector or a button at the camera's input; which of them only the site's wiring knows.
    case 'gpio_in':
      return noOp('input-changed');
    case 'serial_data':
    case 'snapshot':
      return noOp(route.name.replace('_', '-'));
    default:
      return refused('unknown-type', `"${route.name.slice(0, 100)}" is no message that this hub reads of the camera.`);
  }
};

const decodeMessage = (message: DialectMessage): Decoded => {
  const route = readTopic(message.topic);
  if (route === undefined) return refused('wrong-topic', 'Publish on device/<serial number>/message/up/<name>.');
  if (route.direction === 'down' && !route.reply) return noOp('downlink-echo');
  const read = readEnvelope(message, route);
  if (!read.ok) return read.refusal;
  return route.reply ? decodeReply(route, read.value) : decodeUp(route, read.value);
};

/** A pulse on the output that the barrier's opening contact hangs on: `gate_direct_open` wants firmware from v1.1.14 on. */
const sayCommand = ({ id, command, device, at }: DeviceCommand): CommandDownlink => {
  const sn = device.externalId ?? device.id;
  if (command !== 'open-gate') return impossible(command, 'vzenith');
  const name = 'gpio_out';
  const timestamp = Math.floor(Date.parse(at) / 1000);
  const payload = { type: name, body: { delay: 1000, io: 0, value: 2 } };
  return {
    topic: `device/${sn}/message/down/${name}`,
    payload: JSON.stringify({ id, sn, name, version: '1.0', timestamp, payload }),
  };
};

/** 臻识 (Vzenith) plate cameras at vehicle barriers, open MQTT protocol 1.0. */
export const dialect: Dialect = {
  name: 'vzenith',
  title: { zh: '臻识车牌识别道闸', en: 'Vzenith plate barriers' },
  kinds: ['access-gate'],
  topics: ['device/+/message/#', '$/device/+/message/#', '+/device/message/#'],
  decode: decodeMessage,
  command: sayCommand,
};
