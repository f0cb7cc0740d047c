import { z } from 'zod';
import { entryOf, flagOf } from '../codecs/field-values.ts';
import { connectionFact, defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type DeviceTime, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseJson, parseText } from '../payload.ts';
import { timeFromIso } from '../time.ts';
import { factsOfSensors } from './tasmota/sensor-groups.ts';
import { factsOfZigbee } from './tasmota/zigbee.ts';

const sensors = z.looseObject({ Time: z.string().max(64).optional() });

const state = z.object({
  Time: z.string().max(64).optional(),
  Wifi: z.object({ Signal: z.number().optional() }).optional(),
});

const boot = z.object({
  Info1: z.object({ Module: z.string().max(200).optional(), Version: z.string().max(200).optional() }),
});

/** The text of the time, and the facts said at it. */
type Read = (
  payload: Uint8Array,
  id: string,
) => { ok: true; at?: string | undefined; items: DeviceFact[] } | { ok: false; refusal: Decoded };

const readSensors: Read = (payload, id) => {
  const parsed = parseJson(payload, sensors);
  if (!parsed.ok) return parsed;
  const { ZbReceived: received, ...groups } = parsed.value;
  const said = [...factsOfSensors(groups), ...factsOfZigbee(received, id)];
  // Switches and what else nobody knows the meaning of still show that the device lives.
  return { ok: true, at: parsed.value.Time, items: said.length === 0 ? [{ type: 'device.seen', data: {} }] : said };
};

const readState: Read = (payload) => {
  const parsed = parseJson(payload, state);
  if (!parsed.ok) return parsed;
  const { Time: at, Wifi: wifi } = parsed.value;
  return { ok: true, at, items: [{ type: 'device.seen', data: defined({ signalDbm: wifi?.Signal }) }] };
};

const readBoot: Read = (payload) => {
  const parsed = parseJson(payload, boot);
  if (!parsed.ok) return parsed;
  const { Module: model, Version: firmware } = parsed.value.Info1;
  return { ok: true, items: [{ type: 'device.connected', data: defined({ model, firmware }) }] };
};

const wordOf = (payload: Uint8Array, words: string): { ok: true; flag: boolean } | { ok: false; refusal: Decoded } => {
  const text = parseText(payload);
  if (!text.ok) return text;
  const flag = flagOf(text.value, ['online'], ['offline']);
  return flag === undefined
    ? { ok: false, refusal: refused('contract-violated', `payload: one of ${words}`) }
    : { ok: true, flag };
};

const readWill: Read = (payload) => {
  const online = wordOf(payload, 'Online and Offline');
  return online.ok ? { ok: true, items: [connectionFact(online.flag)] } : online;
};

/** `POWER_LOW`, `VOLTAGE_HIGH`: limits that were set in the device (commands PowerLow, VoltageHigh, …). */
const readMargin =
  (quantity: string, direction: string): Read =>
  (payload) => {
    const active = wordOf(payload, 'ON and OFF');
    if (!active.ok) return active;
    const level = { channel: `alarm:${quantity}:${direction}`, value: String(active.flag), initial: 'false' };
    const data = { quantity, direction, active: active.flag };
    return { ok: true, items: [{ type: 'sensor.threshold-crossed', data, level }] };
  };

const readers: Record<string, Read> = {
  SENSOR: readSensors,
  STATE: readState,
  INFO1: readBoot,
  LWT: readWill,
  POWER_LOW: readMargin('powerW', 'low'),
  POWER_HIGH: readMargin('powerW', 'high'),
  VOLTAGE_LOW: readMargin('voltageV', 'low'),
  VOLTAGE_HIGH: readMargin('voltageV', 'high'),
  CURRENT_LOW: readMargin('currentA', 'low'),
  CURRENT_HIGH: readMargin('currentA', 'high'),
};

const reasonsOfNoOp: Record<string, string> = {
  cmnd: 'downlink-echo',
  // Answers to commands, and relays; what hangs on a relay nobody says.
  stat: 'command-result',
  tasmota: 'discovery',
};

/** Until a time server has answered, a device counts from 1970. */
const isSet = ({ at }: DeviceTime): boolean => at >= '2020';

const decodeTelemetry = (id: string, read: Read, payload: Uint8Array, timeZone: string): Decoded => {
  const result = read(payload, id);
  if (!result.ok) return result.refusal;
  const time = result.at === undefined ? undefined : timeFromIso(result.at, timeZone);
  if (result.at !== undefined && time === undefined) {
    return refused('contract-violated', 'Time: not a time such as 2026-05-22T15:47:05', 'Time');
  }
  const speaker = { externalId: id, name: id, ...(time !== undefined && isSet(time) ? { time } : {}) };
  return facts(...result.items.map((fact) => ({ kind: 'sensor', ...speaker, ...fact })));
};

/** Tasmota with its default FullTopic, `%prefix%/%topic%/`. */
export const dialect: Dialect = {
  name: 'tasmota',
  title: { zh: 'Tasmota 固件', en: 'Tasmota firmware' },
  kinds: ['sensor', 'access-gate'],
  topics: ['tele/+/+', 'tele/+/+/SENSOR', 'stat/+/+', 'cmnd/+/+', 'tasmota/discovery/+/+'],
  decode({ topic, payload, timeZone }) {
    // A Zigbee bridge may be set to name the device it speaks of beneath its own topic (SetOption89).
    const [prefix = '', id, word, ...rest] = topic.replace(/^(tele\/[^/]+)\/[^/]+(?=\/SENSOR$)/, '$1').split('/');
    const reason = entryOf(reasonsOfNoOp, prefix);
    if (reason !== undefined) return noOp(reason);
    if (prefix !== 'tele' || !id || !word || rest.length > 0) {
      return refused('wrong-topic', 'Tasmota publishes on tele/<topic>/SENSOR; keep its FullTopic at the default.');
    }
    // An empty retained message takes a retained state away.
    if (payload.length === 0) return noOp('retained-cleared');
    const read = entryOf(readers, word);
    return read === undefined ? noOp('other-telemetry') : decodeTelemetry(id, read, payload, timeZone);
  },
};
