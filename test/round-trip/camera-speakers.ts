import type { SimulatedEvent } from '../../devices/simulator.ts';
import {
  canonicalSpeaker,
  inShanghai,
  isoOf,
  type Passage,
  percentOf,
  type Said,
  type Say,
  type Speaker,
} from './speaker.ts';

const onAxis = (path: string, { atMs }: SimulatedEvent, source: object, data: object): Said[] => [
  {
    topic: `axis/B8A44F000001/event/tns:onvif/${path}`,
    payload: { topic: `tns1:${path}`, timestamp: atMs, message: { source, key: {}, data } },
  },
];

/** `line-crossed` → `LineCrossed`: whatever a camera has no word for keeps its own. */
const pascal = (word: string): string =>
  word.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());

interface Incident {
  analytic?: string;
  active?: boolean;
  rule?: string;
}

const incidentOf = ({ type, data }: SimulatedEvent): Required<Incident> | undefined => {
  const { analytic, active = false, rule }: Incident = data;
  if (type !== 'camera.analytics-reported' || analytic === undefined || rule === undefined) return undefined;
  return { analytic, active, rule };
};

const sayAxis: Say = (event) => {
  const incident = incidentOf(event);
  if (incident === undefined) return undefined;
  const { analytic, active, rule } = incident;
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

const plateOf = ({ type, data }: SimulatedEvent): Required<Passage> | undefined =>
  type === 'gate.credential-seen' ? (data as Required<Passage>) : undefined;

const dahuaRules: Readonly<Record<string, string>> = {
  'line-crossed': 'CrossLineDetection',
  loitering: 'WanderDetection',
};

const sayDahua: Say = (event) => {
  const { analytic = '', active, rule } = incidentOf(event) ?? {};
  const plate = plateOf(event)?.credential.reference;
  const Code = plate === undefined ? dahuaRules[analytic] : 'TrafficJunction';
  if (Code === undefined) return undefined;
  const Action = plate !== undefined ? 'Pulse' : active ? 'Start' : 'Stop';
  const Data = { RealUTC: Math.floor(event.atMs / 1000), Name: rule, Object: { Text: plate } };
  return [{ topic: 'dahua/cam-1/event', payload: { Code, Action, Data } }];
};

const sayHikvision: Say = (event) => {
  const incident = incidentOf(event);
  const plate = plateOf(event);
  if (incident === undefined && plate === undefined) return undefined;
  const alert =
    plate === undefined
      ? { eventType: incident?.analytic === 'line-crossed' ? 'linedetection' : pascal(incident?.analytic ?? '') }
      : {
          eventType: 'ANPR',
          ANPR: { licensePlate: plate.credential.reference, confidenceLevel: percentOf(plate.confidence) },
        };
  const payload = { macAddress: '44:47:cc:00:00:02', dateTime: isoOf(event), eventState: 'active', ...alert };
  return [{ topic: 'hikvision/4447cc000002/event', payload }];
};

const faceSnaps: Readonly<Record<string, readonly [operator: string, info: object]>> = {
  'object-thrown': ['ParabolicSnapPush', {}],
  'line-crossed': ['BehaviorSnapPush', { behaviourType: 0 }],
};

const sayFaceCamera: Say = (event) => {
  const [operator, info] = faceSnaps[incidentOf(event)?.analytic ?? ''] ?? [];
  if (operator === undefined) return undefined;
  const payload = { operator, info: { ...info, facesluiceId: 'cam-1', time: inShanghai(event.atMs) } };
  return [{ topic: 'mqtt/face/cam-1/Snap', payload }];
};

/** A reader of plates says the same in each of the four: who, how sure, and when. */
const sayPlate =
  (topic: string, write: (plate: string, passage: Required<Passage>, event: SimulatedEvent) => object): Say =>
  (event) => {
    const passage = plateOf(event);
    return passage && [{ topic, payload: write(passage.credential.reference ?? '', passage, event) }];
  };

const sayOpenAlpr = sayPlate('openalpr/agent-1', (plate, { confidence }, { atMs }) => ({
  ...{ data_type: 'alpr_group', camera_id: 1, epoch_start: atMs, best_uuid: `agent-1-cam-1-${atMs}` },
  ...{ best_plate_number: plate, best_confidence: confidence * 100 },
}));

const sayPlateRecognizer = sayPlate('platerecognizer/cam-1', (plate, { confidence: score }, event) => ({
  hook: { event: 'image.done' },
  data: { camera_id: 'cam-1', timestamp: isoOf(event), results: [{ plate: plate.toLowerCase(), score }] },
}));

const sayAxisVerifier = sayPlate('axis-lpr/B8A44F000001', (plate, { confidence, direction }, { atMs }) => ({
  ...{ plateUnicode: plate, plateConfidence: String(confidence), carState: 'new', carID: String(atMs) },
  ...{ carMoveDirection: direction, capture_timestamp: String(atMs) },
}));

const sayVerkada = sayPlate('verkada/hooks', (plate, { confidence }, { atMs }) => ({
  webhook_type: 'lpr',
  data: {
    ...{ camera_id: 'cam-1', license_plate_number: plate, confidence },
    ...{ created: Math.ceil(atMs / 1000), detected: atMs },
  },
}));

/** A gateway has no words for what a camera sees; it tells whether it is there. */
const sayGateway: Say = ({ type }) => {
  const word = { 'device.connected': 'connect', 'device.disconnected': 'disconnect' }[type];
  return word === undefined ? undefined : [{ topic: `v1/gateway/${word}`, payload: { device: 'cam', type: 'camera' } }];
};

export const cameraSpeakers: Speaker[] = [
  canonicalSpeaker,
  { dialect: 'axis', speak: () => sayAxis },
  { dialect: 'onvif', speak: () => sayOnvif },
  { dialect: 'frigate', speak: () => sayFrigate },
  { dialect: 'dahua', time: 'seconds', speak: () => sayDahua },
  { dialect: 'hikvision', speak: () => sayHikvision },
  { dialect: 'facegate', time: 'seconds', speak: () => sayFaceCamera },
  { dialect: 'openalpr', speak: () => sayOpenAlpr },
  { dialect: 'plate-recognizer', speak: () => sayPlateRecognizer },
  { dialect: 'axis-lpr', speak: () => sayAxisVerifier },
  { dialect: 'verkada-lpr', speak: () => sayVerkada },
  { dialect: 'thingsboard', time: 'none', speak: () => sayGateway },
];
