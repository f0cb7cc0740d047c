import { z } from 'zod';
import { defined, faultFact } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { contractRefusal, kebabCase } from '../payload.ts';
import { commandAnswered } from './ocpp16/commands.ts';
import { type Frame, frameOf, type OcppTopic, readTopic } from './ocpp16/frames.ts';
import { connectorId, type Saying, sayingOf, timestamp } from './ocpp16/saying.ts';
import { sayCommand } from './ocpp201/commands.ts';
import {
  decodeMeterValues,
  decodeTransactionEvent,
  meterValues,
  transactionEvent,
} from './ocpp201/transaction-events.ts';

type Recall = (key: string) => string | undefined;

const text = z.string().max(500).optional();

const bootNotification = z.looseObject({
  chargingStation: z.looseObject({ vendorName: text, model: text, firmwareVersion: text }),
});

const statusNotification = z.looseObject({
  timestamp,
  connectorStatus: z.string().min(1).max(100),
  evseId: connectorId,
  connectorId,
});

const eventData = z.looseObject({
  eventId: z.number(),
  timestamp,
  trigger: z.string().max(100),
  actualValue: z.string().max(2500).default(''),
  cleared: z.boolean().optional(),
  techCode: text,
  techInfo: text,
  component: z.looseObject({
    name: z.string().max(100),
    evse: z.looseObject({ id: connectorId }).optional(),
  }),
  variable: z.looseObject({ name: z.string().max(100) }),
});
const notifyEvent = z.looseObject({ generatedAt: timestamp, eventData: z.array(eventData) });

const statuses = new Set(['available', 'occupied', 'reserved', 'unavailable', 'faulted']);

const placeOf = (evse: number | undefined): string => (evse ? `connector-${evse}` : 'station');

/** An EVSE of 2.0.1 is what 1.6 calls a connector: one car at a time. */
const decodeStatus = (report: z.infer<typeof statusNotification>, saying: Saying): Decoded => {
  const { evseId: connector, connectorStatus, timestamp: at } = report;
  const own = kebabCase(connectorStatus);
  const known = statuses.has(own);
  const data = { connector, status: known ? own : 'other', ...(known ? {} : { vendorCode: connectorStatus }) };
  const level = { channel: `connector:${connector}`, value: known ? own : `other:${connectorStatus}` };
  // Which fault it is comes as a NotifyEvent, if at all.
  const fault = faultFact('unknown', own === 'faulted', { component: placeOf(connector) });
  return facts({ ...saying.at(at), type: 'charging.status-changed', data, level }, { ...saying.at(at), ...fault });
};

const decodeBoot = ({ chargingStation }: z.infer<typeof bootNotification>, saying: Saying): Decoded => {
  const { vendorName: vendor, model, firmwareVersion: firmware } = chargingStation;
  return facts({ ...saying.at(undefined), type: 'device.connected', data: defined({ vendor, model, firmware }) });
};

/** A monitor that alerts is a fault until it says `cleared`; a monitor that only reports (Delta, Periodic) is none,
 * unless its variable is the standard's `Problem`. */
const decodeNotify = (report: z.infer<typeof notifyEvent>, saying: Saying): Decoded => {
  const faults = report.eventData.flatMap((event): DeviceFact[] => {
    const { component, variable, techCode, techInfo, actualValue } = event;
    const isProblem = variable.name === 'Problem';
    if (event.trigger !== 'Alerting' && !isProblem) return [];
    const active = event.cleared !== true && !(isProblem && actualValue.toLowerCase() === 'false');
    const code = kebabCase(`${component.name}-${variable.name}`).slice(0, 64).replace(/-+$/, '') || 'other';
    const detail = defined({ text: techInfo, vendorCode: (techCode ?? actualValue).slice(0, 100) || undefined });
    const at = event.timestamp || report.generatedAt;
    const sourceId = `notify:${at}:${event.eventId}`;
    const fault = faultFact(code, active, { ...detail, component: placeOf(component.evse?.id) });
    return [{ ...saying.at(at), ...fault, ...(at ? { sourceId } : {}) }];
  });
  return faults.length === 0
    ? facts({ ...saying.at(report.generatedAt), type: 'device.seen', data: {} })
    : facts(...faults);
};

const read = <T>(schema: z.ZodType<T>, payload: unknown, decode: (value: T) => Decoded): Decoded => {
  const result = schema.safeParse(payload);
  return result.success ? decode(result.data) : contractRefusal(result.error);
};

/** Calls of a station that are none of the hub's events. */
const passedOver =
  /^(Authorize|DataTransfer|SecurityEventNotification|SignCertificate|Get15118EVCertificate|GetCertificateStatus|ReservationStatusUpdate|ClearedChargingLimit|Report.*|Notify.*|.*StatusNotification)$/;
const downlink =
  /^(Cancel|Certificate|Change|Clear|Cost|Customer|Delete|Get|Install|Publish|Request|Reserve|Reset|Send|Set|Trigger|Unlock|Unpublish|Update)/;

const decodeCall = ({ action, payload }: Extract<Frame, { type: 'call' }>, saying: Saying, recall: Recall): Decoded => {
  switch (action) {
    case 'BootNotification':
      return read(bootNotification, payload, (boot) => decodeBoot(boot, saying));
    case 'Heartbeat':
      return facts({ ...saying.at(undefined), type: 'device.seen', data: {} });
    case 'StatusNotification':
      return read(statusNotification, payload, (report) => decodeStatus(report, saying));
    case 'TransactionEvent':
      return read(transactionEvent, payload, (event) => decodeTransactionEvent(event, saying, recall));
    case 'MeterValues':
      return read(meterValues, payload, (report) => decodeMeterValues(report, saying));
    case 'NotifyEvent':
      return read(notifyEvent, payload, (report) => decodeNotify(report, saying));
    default:
      if (passedOver.test(action)) return noOp(kebabCase(action));
      if (downlink.test(action)) return noOp('downlink-echo');
      return refused(
        'unknown-type',
        `"${action.slice(0, 100)}" is no action of OCPP 2.0.1 that a station sends.`,
        'action',
      );
  }
};

const commandAnswer = z.looseObject({ status: z.string().min(1).max(100) });

/** A CALLRESULT names no action; only a central system's answers to Boot, Heartbeat and Authorize carry a time or a token. */
const decodeResult = (id: string, payload: unknown, direction: OcppTopic['direction'], saying: Saying): Decoded => {
  const isCentral =
    typeof payload === 'object' && payload !== null && ('currentTime' in payload || 'idTokenInfo' in payload);
  const answer = commandAnswer.safeParse(payload);
  if (direction === 'down' || isCentral || !answer.success) return noOp('answer');
  return commandAnswered(id, answer.data.status, saying);
};

/** What a frame says, wherever it was found. */
export const decodeFrame = (
  frame: Frame,
  direction: OcppTopic['direction'],
  saying: Saying,
  recall: Recall,
): Decoded => {
  if (frame.type === 'error') {
    return direction === 'down' ? noOp('answer') : commandAnswered(frame.id, frame.code, saying);
  }
  if (frame.type === 'result') return decodeResult(frame.id, frame.payload, direction, saying);
  return direction === 'down' ? noOp('downlink-echo') : decodeCall(frame, saying, recall);
};

/** OCPP 2.0.1 frames over MQTT. They carry no version, so that a topic of its own tells them from 1.6. */
export const dialect: Dialect = {
  name: 'ocpp201',
  title: { zh: 'OCPP 2.0.1 充电桩', en: 'OCPP 2.0.1 charging stations' },
  kinds: ['charging-post'],
  topics: ['ocpp201/#', 'cs/in/ocpp2.0.1/+', 'cs/out/ocpp2.0.1/+'],
  command: sayCommand,
  decode(message, recall) {
    const topic = readTopic(message.topic);
    if (topic === undefined) return refused('wrong-topic', 'Publish on ocpp201/<charging station>/up.');
    const frame = frameOf(message, topic);
    if (!frame.ok) return frame.refusal;
    return decodeFrame(frame.value, topic.direction, sayingOf(message, topic.chargePoint), recall);
  },
};
