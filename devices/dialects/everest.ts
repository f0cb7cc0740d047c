import { z } from 'zod';
import { faultFact } from '../codecs/state-facts.ts';
import { type Decoded, type Dialect, type DialectMessage, facts, noOp, refused } from '../dialect.ts';
import { kebabCase, parseJson } from '../payload.ts';
import { timeFromIso } from '../time.ts';
import { type Powermeter, powermeter, valuesOf } from './everest/powermeter.ts';
import { decodeSessionEvent, heardKey, sessionEvent, statusFact, statusWords } from './everest/session-events.ts';
import { type Frame, readFrame } from './ocpp16/frames.ts';
import { sayingOf } from './ocpp16/saying.ts';
import { decodeFrame as decodeFrame16, speaks201 } from './ocpp16.ts';
import { decodeFrame as decodeFrame201 } from './ocpp201.ts';

/** One message, its way told by its topic: `e2m` is said by EVerest, `m2e` by a module outside it. */
interface Heard extends DialectMessage {
  module: string;
  recall: (key: string) => string | undefined;
}

/** An EVSE is a post of its own; under the credential of a single post it is that post. */
const evseOf = ({ module }: Heard) => ({ externalId: module.slice(0, 200), kind: 'charging-post' });

const read = <T>(schema: z.ZodType<T>, heard: Heard, decode: (value: T) => Decoded): Decoded => {
  const parsed = parseJson(heard.payload, schema);
  return parsed.ok ? decode(parsed.value) : parsed.refusal;
};

const decodePowermeter = (heard: Heard): Decoded =>
  read(powermeter, heard, (meter: Powermeter) => {
    const values = valuesOf(meter);
    const time = meter.timestamp === undefined ? undefined : timeFromIso(meter.timestamp, heard.timeZone);
    if (Object.keys(values).length === 0) return noOp('no-known-measurand');
    return facts({
      ...evseOf(heard),
      ...(time === undefined ? {} : { time }),
      type: 'charging.metered',
      data: { values },
    });
  });

/** The EV's own id is its hardware address and stays out. */
const evInfo = z.looseObject({ soc: z.number().optional() });

const decodeEv = (heard: Heard): Decoded =>
  read(evInfo, heard, ({ soc }) =>
    soc === undefined
      ? noOp('no-known-measurand')
      : facts({ ...evseOf(heard), type: 'charging.metered', data: { values: { stateOfChargePercent: soc } } }),
  );

const errorObject = z.looseObject({
  type: z.string().min(2).max(200),
  sub_type: z.string().max(200).optional(),
  message: z.string().optional(),
  origin: z.looseObject({ module_id: z.string().max(200) }).optional(),
  timestamp: z.string().max(64).optional(),
});

/** `evse_board_support/MREC2GroundFailure`: what stands before the slash is the kind of module. The fault is the
 * station's, the module its part. */
const decodeError = (heard: Heard, active: boolean): Decoded =>
  read(errorObject, heard, ({ type, sub_type: subType, message, origin, timestamp }) => {
    const code = kebabCase(type.split('/').at(-1) ?? '').slice(0, 64);
    const time = timestamp === undefined ? undefined : timeFromIso(timestamp, heard.timeZone);
    const fault = faultFact(code.replace(/-+$/, '') || 'other-error', active, {
      ...(message ? { text: message.slice(0, 500) } : {}),
      vendorCode: subType ? `${type}/${subType}` : type,
      component: (origin?.module_id ?? heard.module).slice(0, 200),
    });
    return facts({ ...fault, ...(time === undefined ? {} : { time }) });
  });

/** The control pilot's states (IEC 61851-1): A nothing plugged in, B plugged in, C and D charging, E and F out of order. */
const pilotStates: Readonly<Record<string, string>> = {
  A: 'available',
  B: 'preparing',
  C: 'charging',
  D: 'charging',
  E: 'faulted',
  F: 'unavailable',
};

const boardEvent = z.looseObject({ event: z.string() });

const decodeBoardEvent = (heard: Heard): Decoded =>
  read(boardEvent, heard, ({ event }) => {
    const status = Object.hasOwn(pilotStates, event) ? pilotStates[event] : undefined;
    if (status === undefined) return noOp('board-event');
    if (heard.recall(heardKey) !== undefined) return noOp('told-by-session-events');
    return facts({ ...evseOf(heard), ...statusFact(1, status) });
  });

const ocppMessage = z.looseObject({
  message: z.string(),
  direction: z.enum(['CSMSToChargingStation', 'ChargingStationToCSMS']),
  version: z.string().optional(),
});

const isVersion2 = (version: string | undefined, frame: Frame): boolean =>
  version === undefined ? frame.type === 'call' && speaks201(frame.action, frame.payload) : /2\.\d|v2/.test(version);

/** A station's own OCPP traffic, overheard. */
const decodeOcppMessage = (heard: Heard): Decoded =>
  read(ocppMessage, heard, ({ message, direction, version }) => {
    if (heard.recall(heardKey) !== undefined) return noOp('told-by-session-events');
    const json = parseJson(new TextEncoder().encode(message), z.unknown());
    if (!json.ok) return json.refusal;
    const frame = readFrame(json.value);
    if (!frame.ok) return frame.refusal;
    const decodeFrame = isVersion2(version, frame.value) ? decodeFrame201 : decodeFrame16;
    const way = direction === 'CSMSToChargingStation' ? 'down' : 'up';
    return decodeFrame(frame.value, way, sayingOf(heard, heard.module), heard.recall);
  });

/** The older API module says every second what stands. */
const decodeVariable = (heard: Heard, name: string): Decoded => {
  if (name === 'powermeter') return decodePowermeter(heard);
  if (name !== 'session_info') return noOp('evse-description');
  return read(z.looseObject({ state: z.string().max(100) }), heard, ({ state }) => {
    const status = Object.hasOwn(statusWords, state) ? statusWords[state] : undefined;
    return status === undefined ? noOp('session-information') : facts({ ...evseOf(heard), ...statusFact(1, status) });
  });
};

const alive = (): Decoded => facts({ type: 'device.seen', data: {} });

const readers: Readonly<Record<string, (heard: Heard) => Decoded>> = {
  'e2m/heartbeat': alive,
  'e2m/session_event': (heard) => read(sessionEvent, heard, (event) => decodeSessionEvent(event, evseOf(heard), heard)),
  'e2m/powermeter': decodePowermeter,
  'm2e/powermeter_values': decodePowermeter,
  'e2m/ev_info': decodeEv,
  'e2m/error_raised': (heard) => decodeError(heard, true),
  'e2m/error_cleared': (heard) => decodeError(heard, false),
  'm2e/raise_error': (heard) => decodeError(heard, true),
  'm2e/clear_error': (heard) => decodeError(heard, false),
  'm2e/event': decodeBoardEvent,
  'e2m/ocpp_message': decodeOcppMessage,
};

const decodeApi = (heard: Heard, way: string, subject: string): Decoded => {
  const name = `${way}/${subject}`;
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (reader !== undefined) return reader(heard);
  // What an EVSE can and may do; replies and the module's own requests end here too.
  if (way === 'e2m') return noOp('evse-description');
  return noOp(subject === 'capabilities' ? 'hardware-capabilities' : 'module-request');
};

const unreadable = (): Decoded =>
  refused('wrong-topic', 'EVerest publishes on everest_api/<version>/<api>/<module>/<e2m or m2e>/<subject>.');

/** The MQTT API of EVerest, the firmware of charging stations. A topic names a module, never the station. */
export const dialect: Dialect = {
  name: 'everest',
  title: { zh: 'EVerest 充电桩固件', en: 'EVerest charging stations' },
  kinds: ['charging-post'],
  topics: ['everest_api/#'],
  decode(message, recall) {
    const [, first, api, module, way, ...subject] = message.topic.split('/');
    if (first === 'ready_beacon') return alive();
    if (first === 'discover' || first === 'connectors') return noOp('api-discovery');
    if (first && api === 'var' && module && way === undefined) {
      return decodeVariable({ ...message, module: first, recall }, module);
    }
    if (first && (api === 'cmd' || api === 'errors')) return noOp('module-request');
    const isApi = /^\d+$/.test(first ?? '') && api && module && subject.join('') !== '';
    if (!isApi || (way !== 'e2m' && way !== 'm2e')) return unreadable();
    return decodeApi({ ...message, module, recall }, way, subject.join('/'));
  },
};
