import { entryOf } from '../../codecs/field-values.ts';
import { defined, faultFact, tamperFact } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { channelOf, type OnvifEvent, shortText } from './onvif-event.ts';

/** pt:RecognitionType of the access control services; biometrics without a word of our own are `other`. */
const methodByType: Record<string, string> = {
  'pt:Card': 'card',
  'pt:PIN': 'code',
  'pt:Fingerprint': 'fingerprint',
  'pt:Face': 'face',
  'pt:LicensePlate': 'plate',
  'pt:REX': 'button',
};

const reasonByWord: Record<string, string> = {
  CredentialNotEnabled: 'blocked',
  CredentialExpired: 'expired',
  InvalidPIN: 'refused',
  NotPermittedAtThisTime: 'outside-schedule',
  Unauthorized: 'refused',
  'pt:InvalidIdentifierValue': 'unknown-credential',
};

/** The holder's name stays out: nothing needs it beside the token. */
const credentialOf = ({ path, data }: OnvifEvent): Record<string, unknown> | undefined => {
  const card = shortText(data.Card);
  if (card !== undefined) return { method: 'card', reference: card };
  const token = shortText(data.CredentialToken);
  if (token !== undefined) return { reference: token };
  const type = shortText(data.IdentifierType, 100);
  const reference = shortText(data.IdentifierValue);
  if (type === undefined && reference === undefined) return undefined;
  if (path.at(-1) === 'Anonymous') return undefined;
  const method = type === undefined ? undefined : (entryOf(methodByType, type) ?? 'other');
  return defined({ method, reference, vendorCode: method === 'other' ? type : undefined });
};

const passage = (event: OnvifEvent, text?: string): Record<string, unknown> =>
  defined({ credential: credentialOf(event), door: shortText(event.source.AccessPointToken, 100), text });

const denied = (event: OnvifEvent): DeviceFact => {
  const word = shortText(event.data.Reason, 100);
  const isUnknown = event.path[2] === 'CredentialNotFound';
  const reason = isUnknown ? 'unknown-credential' : (entryOf(reasonByWord, word ?? '') ?? 'other');
  return { type: 'gate.denied', data: { ...passage(event), reason, ...defined({ vendorCode: word }) } };
};

/** `AccessControl/*`. Granted isn't passed: only `AccessTaken` says that somebody went through. */
export const decodeAccessControl = (event: OnvifEvent): Decoded => {
  const [, topic, detail] = event.path;
  switch (topic) {
    case 'AccessGranted':
      return facts({ type: 'gate.credential-seen', data: passage(event, 'granted') });
    case 'AccessTaken':
      return facts({ type: 'gate.passed', data: passage(event) });
    case 'AccessNotTaken':
      return noOp('access-not-taken');
    case 'Denied':
      return facts(denied(event));
    case 'Duress':
      return facts({ type: 'gate.credential-seen', data: passage(event, 'duress') });
    case 'Request':
      return detail === 'Timeout'
        ? noOp('access-request-timeout')
        : facts({ type: 'gate.credential-seen', data: passage(event, 'asks for authorization') });
    default:
      return refused('unknown-type', `ONVIF's topic "${event.path.join('/')}" is not known here.`);
  }
};

const doorStates: Record<string, string> = { Open: 'open', Closed: 'closed', Unknown: 'unknown', Fault: 'unknown' };

const doorAlarm = (event: OnvifEvent, state: string, door: string | undefined): Decoded => {
  const typeByState: Record<string, string> = {
    DoorForcedOpen: 'gate.forced-open',
    DoorOpenTooLong: 'gate.held-open',
    // The alarm is over; whether the door is shut, its physical state says.
    Normal: 'device.seen',
  };
  const type = entryOf(typeByState, state);
  if (type === undefined)
    return refused('contract-violated', `Data.State: "${state}" is no alarm state.`, 'Data.State');
  const level = { channel: channelOf('door-alarm', event.source), value: state, initial: 'Normal' };
  return facts({ type, data: type === 'device.seen' ? {} : defined({ door }), level });
};

const doorChanged = (event: OnvifEvent, word: string, door: string | undefined): Decoded => {
  const state = entryOf(doorStates, word);
  if (state === undefined) return refused('contract-violated', `Data.State: "${word}" is no door state.`, 'Data.State');
  const level = { channel: channelOf('door', event.source), value: state };
  return facts({ type: 'gate.door-changed', data: defined({ state, door }), level });
};

/** `Door/State/*`: properties, published again after every reconnect. */
export const decodeDoorState = (event: OnvifEvent): Decoded => {
  const state = shortText(event.data.State, 100);
  const door = shortText(event.source.DoorToken, 100);
  if (state === undefined)
    return refused('contract-violated', 'Data.State: the state of the door is missing', 'Data.State');
  switch (event.path.slice(1).join('/')) {
    case 'State/DoorAlarm':
      return doorAlarm(event, state, door);
    case 'State/DoorPhysicalState':
      return doorChanged(event, state, door);
    case 'State/DoorTamper': {
      if (state === 'Unknown') return noOp('state-unknown');
      const fact = tamperFact(state === 'TamperDetected');
      return facts({ ...fact, level: { ...fact.level!, channel: channelOf('tamper', event.source) } });
    }
    case 'State/DoorFault': {
      if (state === 'Unknown') return noOp('state-unknown');
      const detail = defined({ component: door, text: shortText(event.data.Reason, 500) });
      return facts(faultFact('door-fault', state === 'FaultDetected', detail));
    }
    case 'State/DoorMode':
    case 'State/LockPhysicalState':
    case 'State/DoubleLockPhysicalState':
      return noOp('lock-state');
    default:
      return refused('unknown-type', `ONVIF's topic "${event.path.join('/')}" is not known here.`);
  }
};
