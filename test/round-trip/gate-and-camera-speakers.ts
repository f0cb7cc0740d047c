import type { SimulatedEvent } from '../../devices/simulator.ts';
import { isoOf, type Said, type Say, type Speaker } from './speaker.ts';

interface Passage {
  credential?: { method?: string; reference?: string };
  direction?: string;
  door?: string;
  confidence?: number;
  reason?: string;
}

const inShanghai = (atMs: number): string =>
  new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

const faceVerdicts: Readonly<Record<string, object>> = {
  'gate.passed ': { VerifyStatus: '1', PersonType: '0' },
  'gate.denied blocked': { VerifyStatus: '2', PersonType: '1' },
  'gate.denied unknown-credential': { VerifyStatus: '3', PersonType: '0' },
};

const sayFaceGate: Say = ({ type, data, atMs }) => {
  const { credential, direction, confidence, reason = '' }: Passage = data;
  const verdict = faceVerdicts[`${type} ${reason}`];
  if (verdict === undefined || credential?.method !== 'face') return undefined;
  const info = {
    ...{ facesluiceId: 'gate-1', RecordID: String(atMs), customId: credential.reference, direction, ...verdict },
    ...(confidence === undefined ? {} : { similarity1: String(Math.round(confidence * 100)) }),
    ...{ time: inShanghai(atMs), Sendintime: 1, PushType: 0 },
  };
  return [{ topic: 'mqtt/face/gate-1/Rec', payload: { operator: 'RecPush', info } }];
};

const doorReasons: Readonly<Record<string, number>> = {
  'gate.forced-open': 38,
  'gate.held-open': 37,
  open: 23,
  closed: 24,
  'outside-schedule': 15,
  'unknown-credential': 18,
};

const sayDoorBoard: Say = (event) => {
  const { type, data, atMs } = event;
  const { credential, direction, door, reason }: Passage = data;
  const isPassage = type === 'gate.passed' || type === 'gate.denied';
  if (isPassage ? credential?.method !== 'card' : !type.startsWith('gate.')) return undefined;
  const code = type === 'gate.passed' ? 1 : doorReasons[String(reason ?? data.state ?? type)];
  if (code === undefined) return undefined;
  const said = {
    ...{ 'device-id': 405000001, 'event-id': atMs, 'event-type': isPassage ? 1 : 2, 'event-reason': code },
    ...{ 'access-granted': type === 'gate.passed', 'card-number': credential?.reference, 'door-id': door },
    ...{ direction: direction === 'out' ? 2 : 1, timestamp: `${isoOf(event).slice(0, 19).replace('T', ' ')} UTC` },
  };
  return [{ topic: 'uhppoted/gateway/events', payload: { message: { event: said } } }];
};

const sayBarrier: Say = ({ type, data, atMs }) => {
  if (type !== 'gate.door-changed') return undefined;
  const body = { gate_ctrl_id: data.door, gate_status: data.state };
  const payload = { sn: 'aa17c001', timestamp: atMs, payload: { body } };
  return [{ topic: 'device/aa17c001/message/up/barr_gate_status', payload }];
};

const onAxis = (path: string, { atMs }: SimulatedEvent, source: object, data: object): Said[] => [
  {
    topic: `axis/B8A44F000001/event/tns:onvif/${path}`,
    payload: { topic: `tns1:${path}`, timestamp: atMs, message: { source, key: {}, data } },
  },
];

/** `line-crossed` → `LineCrossed`: whatever Axis has no word for keeps its own. */
const pascal = (word: string): string =>
  word.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());

const sayAxis: Say = (event) => {
  const { analytic, active, rule } = event.data as { analytic?: string; active?: boolean; rule?: string };
  if (event.type !== 'camera.analytics-reported' || analytic === undefined || rule === undefined) return undefined;
  return onAxis(pascal(analytic), event, { rule }, { state: active ? '1' : '0' });
};

const sayOnvif: Say = (event) => {
  if (event.type !== 'camera.scene-changed' || event.data.cause !== 'image-too-dark') return undefined;
  const payload = { UtcTime: isoOf(event), Source: { Source: '1' }, Data: { State: String(event.data.active) } };
  return [{ topic: 'cam-1/onvif-ej/VideoSource/ImageTooDark/ImagingService/&1', payload }];
};

const sayFrigate: Say = ({ type, data, atMs }) => {
  if (type !== 'camera.analytics-reported' || data.analytic !== 'tracked-object') return undefined;
  const after = {
    ...{ id: data.trackedObject, camera: 'cam-1', label: (data.objects as string[])[0], frame_time: atMs / 1000 },
    ...{ current_zones: data.zones, entered_zones: data.zones, top_score: data.confidence },
  };
  return [{ topic: 'frigate/events', payload: { type: 'new', before: {}, after } }];
};

export const gateSpeakers: Speaker[] = [
  { dialect: 'facegate', time: 'seconds', speak: () => sayFaceGate },
  { dialect: 'uhppoted', time: 'seconds', speak: () => sayDoorBoard },
  { dialect: 'vzenith', speak: () => sayBarrier },
];

export const cameraSpeakers: Speaker[] = [
  { dialect: 'axis', speak: () => sayAxis },
  { dialect: 'onvif', speak: () => sayOnvif },
  { dialect: 'frigate', speak: () => sayFrigate },
];
