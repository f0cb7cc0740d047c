import { z } from 'zod';
import { entryOf, numberOf } from '../codecs/field-values.ts';
import { defined, faultFact } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type DeviceTime, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { timeFromEpochSeconds, timeFromLocal } from '../time.ts';

const loose = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const items = z.record(z.string(), z.unknown());

const event = z.looseObject({
  Action: loose,
  Code: loose,
  Data: items.optional(),
  serialNumber: loose,
});
type Event = z.infer<typeof event>;

/** One event as a bridge hands it on, or several in the device's own notification. */
const payloadShape = z.union([
  z.looseObject({ params: z.looseObject({ eventList: z.array(event).min(1).max(100) }) }),
  event,
]);

const analytics: Record<string, string> = {
  VideoMotion: 'motion',
  CrossLineDetection: 'line-crossed',
  CrossRegionDetection: 'area-intruded',
  LeftDetection: 'object-left',
  TakenAwayDetection: 'object-removed',
  WanderDetection: 'loitering',
  ParkingDetection: 'vehicle-parked',
  FaceDetection: 'face-detected',
  SmartMotionHuman: 'motion',
  SmartMotionVehicle: 'motion',
  AlarmLocal: 'digital-input',
};

const objectsByCode: Record<string, string> = { SmartMotionHuman: 'person', SmartMotionVehicle: 'vehicle' };

const scenes: Record<string, string> = { VideoBlind: 'video-covered', SceneChange: 'scene-change' };

const faults: Record<string, string> = {
  VideoLoss: 'signal-loss',
  StorageFailure: 'storage-failure',
  StorageNotExist: 'storage-missing',
  StorageLowSpace: 'storage-full',
};

/** What an intercom tells of calls, its clock and its connections. */
const reasonsOfNoOp: Record<string, string> = {
  Invite: 'intercom-call',
  HangupPhone: 'intercom-call',
  Hangup: 'intercom-call',
  CallNoAnswered: 'intercom-call',
  IgnoreInvite: 'intercom-call',
  BackKeyLight: 'intercom-call',
  NTPAdjustTime: 'clock-adjusted',
  TimeChange: 'clock-adjusted',
  NewFile: 'recording-stored',
  RtspSessionDisconnect: 'stream-session',
  SIPRegisterResult: 'intercom-call',
};

const methods: Record<string, string> = {
  '0': 'code',
  '1': 'card',
  '4': 'remote',
  '5': 'button',
  '6': 'fingerprint',
  '15': 'face',
};

const wordOf = (value: unknown, length = 100): string | undefined => {
  const text = typeof value === 'number' ? String(value) : value;
  const trimmed = typeof text === 'string' ? text.trim().slice(0, length) : '';
  return trimmed === '' ? undefined : trimmed;
};

const itemsOf = (value: unknown): Record<string, unknown> => items.safeParse(value).data ?? {};

/** Some firmware writes local time as if it were an epoch: then `UTC` reads like `LocaleTime`. `RealUTC` is true. */
const timeOf = (data: Record<string, unknown>, timeZone: string): DeviceTime | undefined => {
  const real = numberOf(data.RealUTC);
  if (real !== undefined && real > 0) return timeFromEpochSeconds(real);
  const local = wordOf(data.LocaleTime, 40);
  const ofLocal = local === undefined ? undefined : timeFromLocal(local, timeZone);
  const seconds = numberOf(data.UTC);
  const ofEpoch = seconds !== undefined && seconds > 0 ? timeFromEpochSeconds(seconds) : undefined;
  const looksLocal = ofEpoch !== undefined && local !== undefined && timeFromLocal(local, 'utc')?.at.slice(0, 19);
  return ofEpoch !== undefined && ofEpoch.at.slice(0, 19) !== looksLocal ? ofEpoch : (ofLocal ?? ofEpoch);
};

/** The name, the password and the picture's address stay out; who it was stands in the credential alone. */
const accessFact = (data: Record<string, unknown>): DeviceFact | Decoded => {
  const status = wordOf(data.Status);
  const methodCode = wordOf(data.Method);
  const method = methodCode === undefined ? undefined : (entryOf(methods, methodCode) ?? 'other');
  const type = wordOf(data.Type)?.toLowerCase();
  const credential = defined({
    method,
    reference: wordOf(data.UserID) ?? wordOf(data.CardNo),
    vendorCode: method === 'other' ? methodCode : undefined,
  });
  const passage = defined({
    credential: Object.keys(credential).length === 0 ? undefined : credential,
    direction: type === 'entry' ? 'in' : type === 'exit' ? 'out' : undefined,
    door: wordOf(data.ReaderID),
  });
  if (status === '1') return { type: 'gate.passed', kind: 'access-gate', data: passage };
  if (status === '0') {
    const vendorCode = wordOf(data.ErrorCode);
    const why = { reason: 'refused', ...defined({ vendorCode }) };
    return { type: 'gate.denied', kind: 'access-gate', data: { ...passage, ...why } };
  }
  return refused('contract-violated', 'Data.Status: 1 for let in or 0 for refused is due here', 'Data.Status');
};

const plateShape = /^(?=.*\p{N})[\p{L}\p{N}·. -]{2,20}$/u;

const trafficFact = (data: Record<string, unknown>): DeviceFact => {
  const plate = wordOf(itemsOf(data.Object).Text, 40) ?? wordOf(itemsOf(data.TrafficCar).PlateNumber, 40) ?? '';
  if (plateShape.test(plate)) {
    return { type: 'gate.credential-seen', data: { credential: { method: 'plate', reference: plate } } };
  }
  const lane = wordOf(data.Lane, 20);
  const zones = lane === undefined ? undefined : [`lane-${lane}`];
  return { type: 'camera.analytics-reported', data: { analytic: 'vehicle-captured', ...defined({ zones }) } };
};

const doorStates: Record<string, string> = { open: 'open', close: 'closed', closed: 'closed' };

const doorFact = (data: Record<string, unknown>): DeviceFact => {
  const state = entryOf(doorStates, wordOf(data.Status)?.toLowerCase() ?? '') ?? 'unknown';
  return { type: 'gate.door-changed', data: { state }, level: { channel: 'door', value: state, initial: 'closed' } };
};

const analyticFact = (code: string, analytic: string, active: boolean | undefined, data: Event['Data']): DeviceFact => {
  const object = entryOf(objectsByCode, code);
  const rule = wordOf(data?.Name, 200);
  return {
    type: 'camera.analytics-reported',
    data: defined({ analytic, active, rule, objects: object === undefined ? undefined : [object] }),
    ...(active === undefined
      ? {}
      : { level: { channel: [code, rule ?? ''].join(':'), value: String(active), initial: 'false' } }),
  };
};

/** What is over in an instant comes as `Pulse`; what lasts, as `Start` and `Stop`. */
const activeOf = (action: string | undefined): boolean | undefined => {
  const word = action?.toLowerCase();
  if (word === 'start') return true;
  return word === 'stop' ? false : undefined;
};

const factOf = (code: string, action: string | undefined, data: Record<string, unknown>): DeviceFact | Decoded => {
  const active = activeOf(action);
  const gate = { kind: 'access-gate' };
  const reason = entryOf(reasonsOfNoOp, code);
  if (reason !== undefined) return noOp(reason);
  if (code === 'AccessControl') return accessFact(data);
  if (code === 'TrafficJunction') return trafficFact(data);
  if (code === 'DoorStatus') return { ...doorFact(data), ...gate };
  if (code === 'BreakIn' || code === 'DoorNotClosed') {
    if (active === false) return noOp('alarm-over');
    return { type: code === 'BreakIn' ? 'gate.forced-open' : 'gate.held-open', data: {}, ...gate };
  }
  const fault = entryOf(faults, code);
  if (fault !== undefined) return faultFact(fault, active ?? true, { vendorCode: code });
  const cause = entryOf(scenes, code);
  if (cause !== undefined) {
    const level = { channel: `scene:${cause}`, value: String(active), initial: 'false' };
    const isState = active !== undefined;
    return { type: 'camera.scene-changed', data: { cause, ...defined({ active }) }, ...(isState ? { level } : {}) };
  }
  const analytic = entryOf(analytics, code);
  if (analytic !== undefined) return analyticFact(code, analytic, active, data);
  return refused('unknown-type', `Dahua's event "${code.slice(0, 100)}" is not known here; ask for a mapping of it.`);
};

/** Records and events are counted anew when the device is reset, so the time belongs to the number. */
const sourceOf = (code: string, action: string | undefined, data: Record<string, unknown>): Partial<DeviceFact> => {
  const number = wordOf(data.RecNo, 40) ?? wordOf(data.EventID, 40);
  const seconds = wordOf(data.RealUTC, 40) ?? wordOf(data.UTC, 40);
  if (number === undefined || seconds === undefined) return {};
  return { sourceId: `${code}:${action ?? ''}:${number}:${seconds}`.slice(0, 200) };
};

const decodeOne = (said: Event, code: string, externalId: string | undefined, timeZone: string): Decoded => {
  const data = said.Data ?? {};
  const fact = factOf(code, said.Action, data);
  if ('outcome' in fact) return fact;
  const time = timeOf(data, timeZone);
  const about = defined({ externalId, time });
  return facts({ kind: 'camera', ...fact, ...about, ...sourceOf(code, said.Action, data) });
};

/** All facts of all events; one that can't be read refuses the message, so that its replay says nothing twice. */
const merged = (decoded: readonly Decoded[]): Decoded => {
  const refusal = decoded.find(({ outcome }) => outcome === 'refused');
  if (refusal !== undefined) return refusal;
  const said = decoded.flatMap((item) => (item.outcome === 'facts' ? item.facts : []));
  return said.length > 0 ? facts(...said) : (decoded[0] ?? noOp('nothing-said'));
};

/** Dahua cameras and door stations: `DahuaVTO2MQTT`'s layout, and `dahua/<id>/event` for any other bridge. */
export const dialect: Dialect = {
  name: 'dahua',
  title: { zh: '大华摄像机与门口机', en: 'Dahua cameras and door stations' },
  kinds: ['camera', 'access-gate'],
  topics: ['DahuaVTO/#', 'dahua/+/event'],
  decode({ topic, payload, timeZone }) {
    const [root, second = '', third] = topic.split('/');
    if (root === 'DahuaVTO' && second === 'Command') return noOp('downlink-echo');
    const ofTopic = root === 'dahua' ? second : undefined;
    if (ofTopic === '' || (root === 'DahuaVTO' && (third !== 'Event' || second === ''))) {
      return refused('wrong-topic', 'Publish on DahuaVTO/<event>/Event or dahua/<id of the device>/event.');
    }
    if (payload.length === 0) return noOp('nothing-said');
    const parsed = parseJson(payload, payloadShape);
    if (!parsed.ok) return parsed.refusal;
    const { params } =
      z.looseObject({ params: z.looseObject({ eventList: z.array(event) }) }).safeParse(parsed.value).data ?? {};
    const list = params?.eventList ?? [event.parse(parsed.value)];
    const decoded = list.map((said): Decoded => {
      const code = root === 'DahuaVTO' ? second : wordOf(said.Code);
      if (code === undefined)
        return refused('contract-violated', 'Code: the event is named here, e.g. VideoMotion', 'Code');
      return decodeOne(said, code, ofTopic ?? wordOf(said.serialNumber, 200), timeZone);
    });
    return merged(decoded);
  },
};
