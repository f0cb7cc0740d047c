import { z } from 'zod';
import { type Decoded, type Dialect, type DialectMessage, facts, noOp, refused } from '../dialect.ts';
import { contractRefusal, kebabCase } from '../payload.ts';
import { commandAnswered, sayCommand } from './ocpp16/commands.ts';
import { type Frame, frameOf, type OcppTopic, readTopic } from './ocpp16/frames.ts';
import { type Saying, sayingOf } from './ocpp16/saying.ts';
import { decodeStatus, statusNotification } from './ocpp16/status.ts';
import {
  decodeMeterValues,
  decodeStart,
  decodeStartAnswer,
  decodeStop,
  meterValues,
  startTransaction,
  stopTransaction,
} from './ocpp16/transactions.ts';

type Recall = (key: string) => string | undefined;

/** Calls of the central system to a post (OCPP 1.6, chapter 5, and its security extension): our own words, passing by. */
const downlinkActions = new Set([
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeConfiguration',
  'ClearCache',
  'ClearChargingProfile',
  'DeleteCertificate',
  'ExtendedTriggerMessage',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UnlockConnector',
  'UpdateFirmware',
]);

/** Calls of a post that are none of the hub's events. */
const passedOverActions = new Set([
  'Authorize',
  'DataTransfer',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'LogStatusNotification',
  'SecurityEventNotification',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
]);

const actionsOf201 = new Set([
  'ClearedChargingLimit',
  'NotifyChargingLimit',
  'NotifyCustomerInformation',
  'NotifyDisplayMessages',
  'NotifyEVChargingNeeds',
  'NotifyEVChargingSchedule',
  'NotifyEvent',
  'NotifyMonitoringReport',
  'NotifyReport',
  'PublishFirmwareStatusNotification',
  'ReportChargingProfiles',
  'ReservationStatusUpdate',
  'TransactionEvent',
]);

/** Keys that OCPP 2.0.1 put into messages whose names are in 1.6 too. */
const keysOf201 = ['evseId', 'connectorStatus', 'chargingStation', 'idToken'];

/** Whether a call can only be 2.0.1's. */
export const speaks201 = (action: string, payload: unknown): boolean =>
  actionsOf201.has(action) ||
  (typeof payload === 'object' && payload !== null && keysOf201.some((key) => Object.hasOwn(payload, key)));

const bootNotification = z.looseObject({
  chargePointVendor: z.string().max(500).optional(),
  chargePointModel: z.string().max(500).optional(),
  firmwareVersion: z.string().max(500).optional(),
});

const decodeBoot = (boot: z.infer<typeof bootNotification>, saying: Saying): Decoded =>
  facts({
    ...saying.at(undefined),
    type: 'device.connected',
    data: {
      ...(boot.chargePointVendor === undefined ? {} : { vendor: boot.chargePointVendor }),
      ...(boot.chargePointModel === undefined ? {} : { model: boot.chargePointModel }),
      ...(boot.firmwareVersion === undefined ? {} : { firmware: boot.firmwareVersion }),
    },
  });

const read = <T>(schema: z.ZodType<T>, payload: unknown, decode: (value: T) => Decoded): Decoded => {
  const result = schema.safeParse(payload);
  return result.success ? decode(result.data) : contractRefusal(result.error);
};

const decodeCall = (call: Extract<Frame, { type: 'call' }>, saying: Saying, recall: Recall): Decoded => {
  const { action, payload, id } = call;
  if (speaks201(action, payload)) {
    return refused(
      'unknown-type',
      `OCPP 2.0.1 action ${action.slice(0, 100)}; publish 2.0.1 beneath ocpp201/.`,
      'action',
    );
  }
  switch (action) {
    case 'BootNotification':
      return read(bootNotification, payload, (boot) => decodeBoot(boot, saying));
    case 'Heartbeat':
      return facts({ ...saying.at(undefined), type: 'device.seen', data: {} });
    case 'StatusNotification':
      return read(statusNotification, payload, (report) => ({
        outcome: 'facts',
        ...decodeStatus(report, saying, recall),
      }));
    case 'StartTransaction':
      return read(startTransaction, payload, (start) => decodeStart(start, id, saying));
    case 'StopTransaction':
      return read(stopTransaction, payload, (stop) => decodeStop(stop, saying, recall));
    case 'MeterValues':
      return read(meterValues, payload, (report) => decodeMeterValues(report, saying, recall));
    default:
      if (passedOverActions.has(action)) return noOp(kebabCase(action));
      return refused('unknown-type', `"${action.slice(0, 100)}" is no action of OCPP 1.6 that a post sends.`, 'action');
  }
};

const startAnswer = z.looseObject({ transactionId: z.int() });
/** A central system's answers to BootNotification, Heartbeat and Authorize carry one of these; a post's never do. */
const isCentralAnswer = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && ('currentTime' in payload || 'idTagInfo' in payload);

const commandAnswer = z.looseObject({ status: z.string().min(1).max(100) });

/** A CALLRESULT names no action: what it answers shows in its payload and in who sends it. */
const decodeResult = (
  { id, payload }: Extract<Frame, { type: 'result' }>,
  direction: OcppTopic['direction'],
  saying: Saying,
  recall: Recall,
): Decoded => {
  const start = startAnswer.safeParse(payload);
  if (start.success) return decodeStartAnswer(start.data.transactionId, id, saying, recall);
  if (direction === 'down' || isCentralAnswer(payload)) return noOp('answer');
  const command = commandAnswer.safeParse(payload);
  return command.success ? commandAnswered(id, command.data.status, saying) : noOp('command-answer');
};

/** What a frame says, wherever it was found. */
export const decodeFrame = (
  frame: Frame,
  direction: OcppTopic['direction'],
  saying: Saying,
  recall: Recall,
): Decoded => {
  switch (frame.type) {
    case 'call': {
      const downlink = direction === 'down' || downlinkActions.has(frame.action);
      return downlink ? noOp('downlink-echo') : decodeCall(frame, saying, recall);
    }
    case 'result':
      return decodeResult(frame, direction, saying, recall);
    case 'error':
      return direction === 'down' ? noOp('answer') : commandAnswered(frame.id, frame.code, saying);
  }
};

const decodeMessage = (message: DialectMessage, recall: Recall): Decoded => {
  const topic = readTopic(message.topic);
  if (topic === undefined) return refused('wrong-topic', 'Publish on ocpp/<charge point>/up.');
  const frame = frameOf(message, topic);
  if (!frame.ok) return frame.refusal;
  return decodeFrame(frame.value, topic.direction, sayingOf(message, topic.chargePoint), recall);
};

/** OCPP 1.6J frames that a gateway or central system carries over MQTT. The charge point's id is in the topic alone. */
export const dialect: Dialect = {
  name: 'ocpp16',
  title: { zh: 'OCPP 1.6J 充电桩', en: 'OCPP 1.6J charging posts' },
  kinds: ['charging-post'],
  topics: ['ocpp/#', 'cs/in/ocpp1.6/+', 'cs/out/ocpp1.6/+'],
  decode: decodeMessage,
  command: sayCommand,
};
