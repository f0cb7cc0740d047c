import type { SimulatedEvent } from '../../devices/simulator.ts';
import {
  canonicalSpeaker,
  inShanghai,
  isoOf,
  outcomeOf,
  type Passage,
  percentOf,
  type Say,
  type Speaker,
} from './speaker.ts';

const faceVerdicts: Readonly<Record<string, object>> = {
  'gate.passed': { VerifyStatus: '1', PersonType: '0' },
  'gate.denied blocked': { VerifyStatus: '2', PersonType: '1' },
  'gate.denied unknown-credential': { VerifyStatus: '3', PersonType: '0' },
};

const sayFaceGate: Say = (event) => {
  const { credential, direction, confidence }: Passage = event.data;
  const verdict = faceVerdicts[outcomeOf(event)];
  if (verdict === undefined || credential?.method !== 'face') return undefined;
  const info = {
    ...{ facesluiceId: 'gate-1', RecordID: String(event.atMs), customId: credential.reference, direction, ...verdict },
    ...(confidence === undefined ? {} : { similarity1: String(percentOf(confidence)) }),
    ...{ time: inShanghai(event.atMs), Sendintime: 1, PushType: 0 },
  };
  return [{ topic: 'mqtt/face/gate-1/Rec', payload: { operator: 'RecPush', info } }];
};

const isPassage = ({ type }: SimulatedEvent): boolean => type === 'gate.passed' || type === 'gate.denied';

const doorReasons: Readonly<Record<string, number>> = {
  'gate.passed': 1,
  'gate.forced-open': 38,
  'gate.held-open': 37,
  'gate.door-changed open': 23,
  'gate.door-changed closed': 24,
  'gate.denied outside-schedule': 15,
  'gate.denied unknown-credential': 18,
};

const sayDoorBoard: Say = (event) => {
  const { credential, direction, door }: Passage = event.data;
  const code = doorReasons[outcomeOf(event)];
  if (code === undefined || (isPassage(event) && credential?.method !== 'card')) return undefined;
  const said = {
    ...{ 'device-id': 405000001, 'event-id': event.atMs, 'event-type': isPassage(event) ? 1 : 2, 'event-reason': code },
    ...{ 'access-granted': code === 1, 'card-number': credential?.reference, 'door-id': door },
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

const vtoMethods: Readonly<Record<string, number>> = { code: 0, card: 1, face: 15 };

const vtoCodes: Readonly<Record<string, readonly [code: string, data: object]>> = {
  'gate.passed': ['AccessControl', { Status: 1 }],
  'gate.forced-open': ['BreakIn', {}],
  'gate.held-open': ['DoorNotClosed', {}],
  'gate.door-changed open': ['DoorStatus', { Status: 'Open' }],
  'gate.door-changed closed': ['DoorStatus', { Status: 'Close' }],
};

const sayDoorStation: Say = (event) => {
  const { credential, direction, door }: Passage = event.data;
  const [code, said] = vtoCodes[outcomeOf(event)] ?? [];
  const method = vtoMethods[credential?.method ?? ''];
  if (code === undefined || (isPassage(event) && method === undefined)) return undefined;
  const data = {
    ...{ ...said, Method: method, UserID: credential?.reference, ReaderID: door },
    ...{ Type: direction === 'out' ? 'Exit' : 'Entry', RealUTC: Math.floor(event.atMs / 1000) },
  };
  return [{ topic: `DahuaVTO/${code}/Event`, payload: { Action: 'Pulse', Data: data, serialNumber: '4K0000PAZ' } }];
};

/** Minor types of the door's events; a passage's also say by what. */
const isapiTypes: Readonly<Record<string, number>> = {
  'gate.passed card': 1,
  'gate.passed face': 75,
  'gate.denied outside-schedule card': 7,
  'gate.denied expired card': 8,
  'gate.denied unknown-credential card': 9,
  'gate.door-changed open': 25,
  'gate.door-changed closed': 26,
  'gate.forced-open': 27,
  'gate.held-open': 28,
};

const sayTerminal: Say = (event) => {
  const { credential, door }: Passage = event.data;
  const subEventType = isapiTypes[[outcomeOf(event), credential?.method ?? ''].join(' ').trim()];
  if (subEventType === undefined) return undefined;
  const who = { employeeNoString: credential?.reference, doorNo: door, serialNo: event.atMs, currentEvent: true };
  const payload = {
    ...{ macAddress: '44:47:cc:00:00:01', dateTime: isoOf(event), eventType: 'AccessControllerEvent' },
    ...{ eventState: 'active', AccessControllerEvent: { majorEventType: 5, subEventType, ...who } },
  };
  return [{ topic: 'hikvision/4447cc000001/event', payload }];
};

const rfidWords: Readonly<Record<string, object>> = {
  'gate.passed': { type: 'access', access: 'Always', isKnown: 'true' },
  'gate.denied blocked': { type: 'access', access: 'Disabled', isKnown: 'true' },
  'gate.denied expired': { type: 'access', access: 'Expired', isKnown: 'true' },
  'gate.denied unknown-credential': { type: 'access', access: 'Denied', isKnown: 'false' },
  'gate.forced-open': { type: 'WARN', src: 'tamper', desc: 'Door was tampered!' },
  'gate.held-open': { type: 'WARN', src: 'door', desc: "Door wasn't closed within max open time" },
};

const sayDoorOpener: Say = (event) => {
  const { credential, door }: Passage = event.data;
  const words = rfidWords[outcomeOf(event)];
  if (words === undefined || (isPassage(event) && credential?.method !== 'card')) return undefined;
  const about = { hostname: 'yard', time: Math.floor(event.atMs / 1000), uid: credential?.reference, doorName: door };
  return [{ topic: '/rfid/send', payload: { ...words, ...about } }];
};

const identifierTypes: Readonly<Record<string, string>> = {
  card: 'pt:Card',
  code: 'pt:PIN',
  face: 'pt:Face',
  plate: 'pt:LicensePlate',
};

const onvifTopics: Readonly<Record<string, readonly [topic: string, data: object]>> = {
  'gate.passed': ['AccessControl/AccessTaken/Identifier', {}],
  'gate.denied blocked': ['AccessControl/Denied/Identifier', { Reason: 'CredentialNotEnabled' }],
  'gate.denied expired': ['AccessControl/Denied/Identifier', { Reason: 'CredentialExpired' }],
  'gate.denied outside-schedule': ['AccessControl/Denied/Identifier', { Reason: 'NotPermittedAtThisTime' }],
  'gate.denied unknown-credential': ['AccessControl/Denied/CredentialNotFound', {}],
  'gate.door-changed open': ['Door/State/DoorPhysicalState', { State: 'Open' }],
  'gate.door-changed closed': ['Door/State/DoorPhysicalState', { State: 'Closed' }],
  'gate.forced-open': ['Door/State/DoorAlarm', { State: 'DoorForcedOpen' }],
  'gate.held-open': ['Door/State/DoorAlarm', { State: 'DoorOpenTooLong' }],
};

const sayAccessPoint: Say = (event) => {
  const { credential, door }: Passage = event.data;
  const [topic, data] = onvifTopics[outcomeOf(event)] ?? [];
  const IdentifierType = identifierTypes[credential?.method ?? ''];
  if (topic === undefined || (isPassage(event) && IdentifierType === undefined)) return undefined;
  const isDoor = topic.startsWith('Door/');
  const Source = { [isDoor ? 'DoorToken' : 'AccessPointToken']: door };
  const Data = { ...data, ...(isDoor ? {} : { IdentifierType, IdentifierValue: credential?.reference }) };
  return [{ topic: `door-1/onvif-ej/${topic}/&${door}`, payload: { UtcTime: isoOf(event), Source, Data } }];
};

/** Discovery says what the state that follows is of. */
const sayCover: Say = ({ type, data }) => {
  if (type !== 'gate.door-changed') return undefined;
  const topic = `homeassistant/cover/${data.door}`;
  const config = { device_class: 'gate', state_topic: `${topic}/state`, device: { identifiers: ['gate-1'] } };
  return [
    { topic: `${topic}/config`, payload: config },
    { topic: `${topic}/state`, payload: data.state },
  ];
};

const sayCardReader: Say = ({ type, data, atMs }) => {
  const { credential }: Passage = data;
  if (type !== 'gate.credential-seen' || credential?.method !== 'card') return undefined;
  const payload = {
    Time: inShanghai(atMs).replace(' ', 'T'),
    RC522: { UID: credential.reference, Type: 'MIFARE 1KB' },
  };
  return [{ topic: 'tele/reader-1/SENSOR', payload }];
};

const sayPlateTelemetry: Say = ({ type, data, atMs: ts }) => {
  const { credential }: Passage = data;
  if (type !== 'gate.credential-seen' || credential?.method !== 'plate') return undefined;
  return [{ topic: 'v1/devices/me/telemetry', payload: { ts, values: { plate: credential.reference } } }];
};

export const gateSpeakers: Speaker[] = [
  canonicalSpeaker,
  { dialect: 'facegate', time: 'seconds', speak: () => sayFaceGate },
  { dialect: 'uhppoted', time: 'seconds', speak: () => sayDoorBoard },
  { dialect: 'vzenith', speak: () => sayBarrier },
  { dialect: 'dahua', time: 'seconds', speak: () => sayDoorStation },
  { dialect: 'hikvision', speak: () => sayTerminal },
  { dialect: 'esp-rfid', time: 'seconds', speak: () => sayDoorOpener },
  { dialect: 'onvif', speak: () => sayAccessPoint },
  { dialect: 'home-assistant', time: 'none', speak: () => sayCover },
  { dialect: 'tasmota', time: 'seconds', speak: () => sayCardReader },
  { dialect: 'thingsboard', speak: () => sayPlateTelemetry },
];
