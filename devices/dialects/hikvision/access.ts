import { defined, tamperFact } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { type Alert, recordOf, wordOf } from './alert.ts';

interface Meaning {
  type: string;
  method?: string;
  reason?: string;
  state?: string;
}

const passed = (method?: string): Meaning => ({ type: 'gate.passed', ...defined({ method }) });
const denied = (reason: string, method?: string): Meaning => ({ type: 'gate.denied', reason, ...defined({ method }) });

/** Minor types of major type 5, the door's events (device network SDK, "Access Control Event Types"). */
const meanings = new Map<number, Meaning>([
  [1, passed('card')],
  [2, passed('card')],
  [3, denied('refused', 'card')],
  [4, denied('refused', 'card')],
  [5, denied('refused', 'card')],
  [6, denied('refused', 'card')],
  [7, denied('outside-schedule', 'card')],
  [8, denied('expired', 'card')],
  [9, denied('unknown-credential', 'card')],
  [10, denied('other')],
  [11, denied('other')],
  [16, passed()],
  [25, { type: 'gate.door-changed', state: 'open' }],
  [26, { type: 'gate.door-changed', state: 'closed' }],
  [27, { type: 'gate.forced-open' }],
  [28, { type: 'gate.held-open' }],
  [38, passed('fingerprint')],
  [39, denied('unknown-credential', 'fingerprint')],
  [75, passed('face')],
  [76, denied('unknown-credential', 'face')],
]);

/** What the lock, the exit button and the bell do leaves no trace of its own: the door's contact says what came of it. */
const reasonsOfNoOp = new Map<number, string>([
  [21, 'lock-opened'],
  [22, 'lock-closed'],
  [23, 'exit-button'],
  [24, 'exit-button'],
  [37, 'doorbell'],
]);

/** Minor types of major type 1 that come in pairs: raised, and over. */
const tampers = new Map<number, { active: boolean; text: string }>([
  [1028, { active: true, text: 'controller opened' }],
  [1029, { active: false, text: 'controller opened' }],
  [1030, { active: true, text: 'card reader removed' }],
  [1031, { active: false, text: 'card reader removed' }],
]);

/** Newer terminals call everything that was verified 76; who it let in, they name (`employeeNoString`). */
const meaningOf = (minor: number, person: string | undefined): Meaning | undefined =>
  minor === 76 && person !== undefined ? passed('face') : meanings.get(minor);

/** The person's name stays out: the number alone stands in the credential, where the hub makes it a pseudonym. */
const credentialOf = (record: Record<string, unknown>, method: string | undefined, vendorCode?: string) => {
  const person = wordOf(record.employeeNoString) ?? wordOf(record.employeeNo);
  const card = wordOf(record.cardNo);
  const reference = person ?? card;
  const credential = defined({ method: method ?? (card === undefined ? undefined : 'card'), reference, vendorCode });
  return Object.keys(credential).length === 0 ? undefined : credential;
};

const doorEvent = (record: Record<string, unknown>, minor: number): DeviceFact | undefined => {
  const person = wordOf(record.employeeNoString);
  const meaning = meaningOf(minor, person);
  const door = wordOf(record.doorNo);
  const vendorCode = `5/${minor}`;
  if (meaning === undefined) {
    const credential = credentialOf(record, undefined, vendorCode);
    const isNamed = credential?.reference !== undefined;
    return isNamed ? { type: 'gate.credential-seen', data: defined({ credential, door }) } : undefined;
  }
  const { type, method, reason, state } = meaning;
  if (state !== undefined) {
    return { type, data: defined({ state, door }), level: { channel: `door:${door ?? ''}`, value: state } };
  }
  if (type === 'gate.forced-open' || type === 'gate.held-open') return { type, data: defined({ door }) };
  const code = reason === 'other' ? vendorCode : undefined;
  return { type, data: defined({ credential: credentialOf(record, method), door, reason, vendorCode: code }) };
};

/** `AccessControllerEvent` of door controllers and face terminals. */
export const decodeAccess = (alert: Alert, speaker: Partial<DeviceFact>): Decoded => {
  const field = 'AccessControllerEvent';
  const record = recordOf(alert.body[field]);
  const [major, minor] = [Number(record.majorEventType), Number(record.subEventType)];
  if (!Number.isInteger(major) || !Number.isInteger(minor)) {
    return refused('contract-violated', `${field}: majorEventType and subEventType are due here`, field);
  }
  const serial = wordOf(record.serialNo, 40);
  const shared: Partial<DeviceFact> = {
    ...speaker,
    kind: 'access-gate',
    // Begins anew when the device is reset, so the time belongs to it.
    ...(serial === undefined ? {} : { sourceId: `acs:${serial}:${alert.timeText ?? ''}` }),
    ...(serial !== undefined && alert.timeText === undefined ? { sourceIdRestarts: true } : {}),
    // What was kept while the line was down is handed in later as no current event.
    ...(wordOf(record.currentEvent) === 'false' ? { replayed: true } : {}),
  };
  if (major === 1) {
    const tamper = tampers.get(minor);
    return tamper === undefined ? noOp('alarm-log') : facts({ ...tamperFact(tamper.active, tamper.text), ...shared });
  }
  if (major === 2) return noOp('exception-log');
  if (major === 3) return noOp('operation-log');
  if (major !== 5) return noOp('access-log');
  const reason = reasonsOfNoOp.get(minor);
  if (reason !== undefined) return noOp(reason);
  const fact = doorEvent(record, minor);
  return fact === undefined ? noOp('access-log') : facts({ ...fact, ...shared });
};
