import { z } from 'zod';
import { entryOf, numberOf } from '../codecs/field-values.ts';
import { defined, faultFact } from '../codecs/state-facts.ts';
import type { CommandDownlink, DeviceCommand } from '../commands.ts';
import {
  type Decoded,
  type DeviceFact,
  type DeviceTime,
  type Dialect,
  facts,
  impossible,
  noOp,
  refused,
} from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { timeFromIso, timeFromLocal } from '../time.ts';

const loose = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const code = z.unknown().transform(numberOf).optional();

const doorEvent = z.looseObject({
  'device-id': loose,
  'event-id': loose,
  'event-type': code,
  'event-reason': code,
  'access-granted': z.boolean().optional(),
  'card-number': loose,
  'door-id': loose,
  direction: code,
  timestamp: z.string().optional(),
});
type DoorEvent = z.infer<typeof doorEvent>;

const status = z.looseObject({
  'door-states': z.record(z.string().max(20), z.unknown()).optional(),
  'system-datetime': z.string().optional(),
  'system-error': code,
  event: z.unknown().optional(),
});

const reply = z.looseObject({
  method: z.string().max(100).optional(),
  'request-id': loose,
  error: z.unknown().optional(),
  response: z
    .looseObject({
      'device-id': loose,
      event: doorEvent.optional(),
      status: status.optional(),
      opened: z.boolean().optional(),
    })
    .optional(),
});
type Reply = z.infer<typeof reply>;

const envelope = z.looseObject({
  message: z.looseObject({ event: doorEvent.optional(), reply: reply.optional(), system: z.unknown().optional() }),
});

/** RFC 5322, 4.3, without CST and CDT: in China CST is another zone. */
const offsetByZone: Record<string, string> = {
  UTC: 'Z',
  GMT: 'Z',
  EST: '-05:00',
  EDT: '-04:00',
  MST: '-07:00',
  MDT: '-06:00',
  PST: '-08:00',
  PDT: '-07:00',
};

const stamp = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?: ([A-Z]{2,5}|[+-]\d\d(?::?\d\d)?))?$/;

/** The board has no zone: the daemon writes its own host's behind the time. One not known is the compound's. */
const timeOf = (text: string, timeZone: string): DeviceTime | undefined => {
  const [, day, clock, zone = ''] = stamp.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const offset = /^[+-]/.test(zone) ? zone : entryOf(offsetByZone, zone);
  if (offset === undefined) return timeFromLocal(`${day} ${clock}`, timeZone);
  const time = timeFromIso(`${day}T${clock}${/^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset}`, timeZone);
  return time === undefined || offset === 'Z' ? time : { ...time, clock: 'assumed-zone' };
};

const deniedReasons = new Map<number, string>([
  [6, 'refused'],
  [7, 'refused'],
  [13, 'outside-schedule'],
  [15, 'outside-schedule'],
  [18, 'unknown-credential'],
]);

/** Reasons of a door's event (type 2) and of an alarm (type 3) that say more than granted or not. */
const plainReasons = new Map<number, string>([
  [23, 'open'],
  [24, 'closed'],
  [37, 'gate.held-open'],
  [38, 'gate.forced-open'],
]);

const methodOf = (reason: number | undefined): string => {
  if (reason === 44 || reason === 45) return 'remote';
  if (reason === 20) return 'button';
  return reason === 25 ? 'code' : 'card';
};

const passage = (event: DoorEvent): DeviceFact => {
  const { 'event-reason': reason, 'card-number': card, direction } = event;
  const method = methodOf(reason);
  // Opened from afar or by button, the field holds what is no card.
  const reference = method === 'card' && card !== undefined && card !== '0' ? card.slice(0, 200) : undefined;
  const data = {
    credential: defined({ method, reference }),
    ...defined({ door: event['door-id']?.slice(0, 100) }),
    ...(direction === 1 || direction === 2 ? { direction: direction === 1 ? 'in' : 'out' } : {}),
  };
  if (event['access-granted'] !== false) return { type: 'gate.passed', data };
  const word = deniedReasons.get(reason ?? -1) ?? 'other';
  const vendorCode = word === 'other' && reason !== undefined ? String(reason).slice(0, 100) : undefined;
  return { type: 'gate.denied', data: { ...data, reason: word, ...defined({ vendorCode }) } };
};

const factOfEvent = (event: DoorEvent): DeviceFact | string => {
  const { 'event-type': type, 'event-reason': reason = -1 } = event;
  const door = event['door-id']?.slice(0, 100);
  const plain = plainReasons.get(reason);
  if (plain === 'open' || plain === 'closed') {
    const level = { channel: `door:${door ?? ''}`, value: plain, initial: 'closed' };
    return { type: 'gate.door-changed', data: defined({ state: plain, door }), level };
  }
  if (plain !== undefined) return { type: plain, data: defined({ door }) };
  if (reason === 28 || reason === 29) return { type: 'device.connected', data: { reason: 'reported' } };
  if (type === 3) {
    const text = typeof event['event-reason-text'] === 'string' ? event['event-reason-text'].slice(0, 500) : undefined;
    return { type: 'device.fault-raised', data: defined({ code: 'alarm', vendorCode: String(reason), text }) };
  }
  if (type === 255) return 'event-overwritten';
  return type === 1 || type === 2 ? passage(event) : 'no-event';
};

interface Context {
  timeZone: string;
  /** Asked for, not pushed: what it tells is as old as it likes. */
  replayed: boolean;
  device?: string;
}

const notATime = (field: string): Decoded =>
  refused('contract-violated', `${field}: a time such as 2026-03-02 08:15:30 CST is due here`, field);

const decodeEvent = (event: DoorEvent, { timeZone, replayed, device }: Context): Decoded => {
  const own = event['device-id'];
  const externalId = own === undefined || own === '0' ? device : own;
  if (externalId === undefined) {
    return refused('contract-violated', 'device-id: the serial number of the controller is due here', 'device-id');
  }
  const time = event.timestamp === undefined ? undefined : timeOf(event.timestamp, timeZone);
  if (event.timestamp !== undefined && time === undefined) return notATime('timestamp');
  const fact = factOfEvent(event);
  if (typeof fact === 'string') return noOp(fact);
  const id = event['event-id'];
  return facts({
    ...fact,
    externalId,
    kind: 'access-gate',
    ...defined({ time }),
    // Counted anew once the board is reset; the feed and the live topic say the same under one number.
    ...(id === undefined ? {} : { sourceId: `event:${id}:${event.timestamp ?? ''}`.slice(0, 200) }),
    ...(id !== undefined && event.timestamp === undefined ? { sourceIdRestarts: true } : {}),
    ...(replayed ? { replayed: true } : {}),
  });
};

const decodeStatus = (body: z.infer<typeof status>, context: Context): Decoded => {
  const externalId = context.device;
  if (externalId === undefined) {
    return refused('contract-violated', 'response.device-id: the controller is due here', 'response.device-id');
  }
  const said = body['system-datetime'];
  const time = said === undefined ? undefined : timeOf(said, context.timeZone);
  const speaker = { externalId, kind: 'access-gate', ...defined({ time }) };
  const doors = Object.entries(body['door-states'] ?? {}).flatMap(([door, open]): DeviceFact[] => {
    if (typeof open !== 'boolean') return [];
    const state = open ? 'open' : 'closed';
    const level = { channel: `door:${door}`, value: state, initial: 'closed' };
    return [{ type: 'gate.door-changed', data: { state, door }, level, ...speaker }];
  });
  const error = body['system-error'];
  const fault = error === undefined ? [] : [{ ...faultFact('controller-error', error !== 0), ...speaker }];
  const last = doorEvent.safeParse(body.event);
  const event = last.success ? decodeEvent(last.data, context) : noOp('no-event');
  if (event.outcome === 'refused') return event;
  const events = event.outcome === 'facts' ? event.facts : [];
  return facts({ type: 'device.seen', data: {}, ...speaker }, ...events, ...doors, ...fault);
};

const decodeReply = (body: Reply, timeZone: string): Decoded => {
  const { response, method, error, 'request-id': commandId } = body;
  const context = { timeZone, replayed: true, ...defined({ device: response?.['device-id'] }) };
  if (response?.event !== undefined) return decodeEvent(response.event, context);
  if (response?.status !== undefined) return decodeStatus(response.status, context);
  if (error === undefined && response?.opened === undefined) return noOp('command-reply');
  return facts({
    type: 'device.command-answered',
    data: defined({
      command: method,
      commandId: commandId?.slice(0, 500),
      accepted: error === undefined && response?.opened !== false,
    }),
    ...(context.device === undefined ? {} : { externalId: context.device, kind: 'access-gate' }),
  });
};

/** uhppoted-mqtt takes requests beneath its own root and answers on the topic that they name. */
const sayCommand = ({ id, command, arguments: given, device }: DeviceCommand): CommandDownlink => {
  if (command !== 'open-gate') return impossible(command, 'uhppoted');
  const door = Number(given.door ?? 1);
  if (!Number.isInteger(door) || door < 1 || door > 4) {
    return { impossible: 'door: a UHPPOTE controller has the doors 1 to 4.' };
  }
  if (given.card === undefined) {
    return {
      impossible: 'card: uhppoted-mqtt opens in the name of a card that its cards file and the controller know.',
    };
  }
  const request = {
    ...{ 'request-id': id, 'client-id': 'xingyuan', 'reply-to': 'uhppoted/gateway/replies' },
    ...{ 'device-id': Number(device.externalId), door, 'card-number': Number(given.card) },
  };
  return {
    topic: 'uhppoted/gateway/requests/device/door/lock:open',
    payload: JSON.stringify({ message: { request } }),
  };
};

/** UHPPOTE door controllers (UT0311-L0x) behind uhppoted-mqtt. */
export const dialect: Dialect = {
  name: 'uhppoted',
  title: { zh: 'UHPPOTE 门禁控制器', en: 'UHPPOTE door controllers' },
  kinds: ['access-gate'],
  topics: ['uhppoted/#'],
  command: sayCommand,
  decode({ topic, payload, timeZone }) {
    if (payload.length === 0) return noOp('nothing-said');
    if (/\/requests(\/|$)/.test(topic)) return noOp('downlink-echo');
    const parsed = parseJson(payload, envelope);
    if (!parsed.ok) return parsed.refusal;
    const { event, reply: answer, system } = parsed.value.message;
    if (event !== undefined) return decodeEvent(event, { timeZone, replayed: false });
    if (answer !== undefined) return decodeReply(answer, timeZone);
    if (system !== undefined) return noOp('gateway-log');
    return refused('unknown-type', 'message: an event, a reply or a system message is due here.', 'message');
  },
};
