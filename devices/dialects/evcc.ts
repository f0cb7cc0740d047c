import { numberOf } from '../codecs/field-values.ts';
import { connectionFact, defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseText } from '../payload.ts';
import type { QuantityName } from '../quantities.ts';
import { timeFromEpochSeconds } from '../time.ts';

type Recall = (key: string) => string | undefined;

/** What is known of a load point from its topics before: one scalar each, none with a time. */
interface LoadPoint {
  isConnected: boolean;
  isCharging: boolean;
  /** A session goes from the first charging to unplugging: evcc pauses and resumes within it as the sun shines. */
  hasSession: boolean;
  /** Since the session began, in Wh. */
  chargedWh: number | undefined;
}

const keyOf = (number: string): string => `loadpoint:${number}`;

const readMemory = (memory: string | undefined): LoadPoint => {
  const [connected, charging, session, charged = ''] = (memory ?? '').split('|');
  return {
    isConnected: connected === '1',
    isCharging: charging === '1',
    hasSession: session === '1',
    chargedWh: numberOf(charged),
  };
};

const writeMemory = ({ isConnected, isCharging, hasSession, chargedWh }: LoadPoint): string =>
  [isConnected, isCharging, hasSession]
    .map(Number)
    .concat(chargedWh ?? [])
    .join('|');

const statusOf = ({ isConnected, isCharging }: LoadPoint): string => {
  if (isCharging) return 'charging';
  // Whether the car, the sun or the tariff makes it wait, evcc doesn't say here.
  return isConnected ? 'occupied' : 'available';
};

const sessionFacts = (before: LoadPoint, after: LoadPoint): DeviceFact[] => {
  if (!before.hasSession && after.hasSession) return [{ type: 'charging.session-started', data: { connector: 1 } }];
  if (!before.hasSession || after.hasSession) return [];
  const data = defined({ connector: 1, energyWh: before.chargedWh, reason: 'ev-disconnected' });
  return [{ type: 'charging.session-ended', data }];
};

const afterWord = (before: LoadPoint, key: string, isOn: boolean): LoadPoint => {
  if (key === 'connected') {
    return isOn
      ? { ...before, isConnected: true }
      : { isConnected: false, isCharging: false, hasSession: false, chargedWh: undefined };
  }
  return { ...before, isCharging: isOn, hasSession: before.hasSession || isOn };
};

const about = (number: string) => ({
  externalId: `loadpoint-${number}`,
  kind: 'charging-post',
  name: `evcc ${number}`,
});

/** `connected` and `charging`: the state of the load point, and its session. */
const decodeWord = (number: string, key: string, text: string, recall: Recall): Decoded => {
  if (text !== 'true' && text !== 'false') return refused('contract-violated', `${key}: true or false`, 'payload');
  const before = readMemory(recall(keyOf(number)));
  const after = afterWord(before, key, text === 'true');
  const status = statusOf(after);
  const state: DeviceFact = {
    type: 'charging.status-changed',
    data: { connector: 1, status },
    level: { channel: 'connector:1', value: status },
  };
  return {
    outcome: 'facts',
    facts: [...sessionFacts(before, after), state].map((fact) => ({ ...fact, ...about(number) })),
    remember: { [keyOf(number)]: writeMemory(after) },
  };
};

const quantities: Readonly<Record<string, QuantityName>> = {
  chargePower: 'powerW',
  vehicleSoc: 'stateOfChargePercent',
};

/** `NaN` is what evcc writes where a meter gave nothing. */
const decodeNumber = (number: string, key: string, text: string, recall: Recall): Decoded => {
  const value = numberOf(text);
  if (value === undefined) return noOp('no-number');
  const quantity = Object.hasOwn(quantities, key) ? quantities[key] : undefined;
  if (quantity !== undefined) {
    const data = { connector: 1, values: { [quantity]: value } };
    return facts({ ...about(number), type: 'charging.metered', data });
  }
  const before = readMemory(recall(keyOf(number)));
  const remember = before.hasSession ? { [keyOf(number)]: writeMemory({ ...before, chargedWh: value }) } : undefined;
  return { outcome: 'no-op', reason: 'session-energy', ...defined({ remember }) };
};

const decodeLoadPoint = (number: string, key: string, text: string, recall: Recall): Decoded => {
  switch (key) {
    case 'connected':
    case 'charging':
      return decodeWord(number, key, text, recall);
    case 'chargePower':
    case 'vehicleSoc':
    // What it is called since version 0.123, and before.
    case 'sessionEnergy':
    case 'chargedEnergy':
      return decodeNumber(number, key, text, recall);
    // Settings, plans, forecasts; the vehicle's name and the card that it was charged with are about a person.
    default:
      return noOp('not-recorded');
  }
};

const decodeUpdated = (text: string): Decoded => {
  const seconds = numberOf(text);
  const time = seconds === undefined ? undefined : timeFromEpochSeconds(seconds);
  return facts({ type: 'device.seen', data: {}, ...defined({ time }) });
};

/** evcc publishes every value on a topic of its own, retained; `nil` as an empty payload. */
export const dialect: Dialect = {
  name: 'evcc',
  title: { zh: 'evcc 充电管理', en: 'evcc charge controller' },
  kinds: ['charging-post'],
  topics: ['evcc/#'],
  decode({ topic, payload }, recall) {
    const [, section, number, ...rest] = topic.split('/');
    if (!section) return refused('wrong-topic', 'evcc publishes beneath evcc/; keep its mqtt topic at the default.');
    const body = parseText(payload);
    if (!body.ok) return body.refusal;
    const text = body.value.trim();
    if (topic.endsWith('/set')) return noOp('downlink-echo');
    if (text === '') return noOp('value-cleared');
    if (section === 'updated') return decodeUpdated(text);
    if (section === 'status') {
      if (text !== 'online' && text !== 'offline') return refused('contract-violated', 'payload: online or offline');
      return facts(connectionFact(text === 'online'));
    }
    if (section !== 'loadpoints' || number === undefined || rest.length === 0) return noOp('not-recorded');
    if (!/^\d{1,4}$/.test(number)) return refused('wrong-topic', 'Load points are numbered: evcc/loadpoints/1/….');
    return decodeLoadPoint(number, rest.join('/'), text, recall);
  },
};
