import { hash } from 'node:crypto';
import { isoTime } from '../runtime/clock.ts';

/** Subprotocols of OCPP-J, the hub's first choice first. */
export const ocppVersions = ['ocpp2.0.1', 'ocpp1.6'] as const;
export type OcppVersion = (typeof ocppVersions)[number];

/** What a post asks of its central system. */
export interface Call {
  id: string;
  action: string;
  payload: unknown;
}

interface Asked {
  /** The device's id in the hub. */
  device: string;
  call: Call;
  nowMs: number;
}
type Answer = (asked: Asked) => Record<string, unknown>;

/** A silent post counts as down after half an hour: room for five that are lost. */
const heartbeatSeconds = 300;

const nothing: Answer = () => ({});
const boot: Answer = ({ nowMs }) => ({
  status: 'Accepted',
  currentTime: isoTime(nowMs),
  interval: heartbeatSeconds,
});
const time: Answer = ({ nowMs }) => ({ currentTime: isoTime(nowMs) });
const rejected: Answer = () => ({ status: 'Rejected' });
const unknownVendor: Answer = () => ({ status: 'UnknownVendorId' });
const failed: Answer = () => ({ status: 'Failed' });

const has = (payload: unknown, key: string): boolean =>
  typeof payload === 'object' && payload !== null && Object.hasOwn(payload, key);

/** The hub keeps no list of cards: whoever may charge is decided by the post, or by who runs a billing system. */
const accepted = { status: 'Accepted' };

/**
 * Derived from the request, so that a post which asks again after a lost answer, or after a restart of either side, is
 * given the same number.
 */
export const transactionNumber = (device: string, { id, payload }: Call): number => {
  const { connectorId, meterStart, timestamp } = (payload ?? {}) as Record<string, unknown>;
  const said = JSON.stringify([device, connectorId, meterStart, timestamp || id]);
  return hash('sha256', said, 'buffer').readUInt32BE() & 0x7f_ff_ff_ff || 1;
};

const answers16: Readonly<Record<string, Answer>> = {
  BootNotification: boot,
  Heartbeat: time,
  Authorize: () => ({ idTagInfo: accepted }),
  StartTransaction: ({ device, call }) => ({ transactionId: transactionNumber(device, call), idTagInfo: accepted }),
  StopTransaction: ({ call }) => (has(call.payload, 'idTag') ? { idTagInfo: accepted } : {}),
  StatusNotification: nothing,
  MeterValues: nothing,
  DataTransfer: unknownVendor,
  DiagnosticsStatusNotification: nothing,
  FirmwareStatusNotification: nothing,
  LogStatusNotification: nothing,
  SecurityEventNotification: nothing,
  SignedFirmwareStatusNotification: nothing,
  SignCertificate: rejected,
};

const answers201: Readonly<Record<string, Answer>> = {
  BootNotification: boot,
  Heartbeat: time,
  Authorize: () => ({ idTokenInfo: accepted }),
  TransactionEvent: ({ call }) => (has(call.payload, 'idToken') ? { idTokenInfo: accepted } : {}),
  StatusNotification: nothing,
  MeterValues: nothing,
  NotifyEvent: nothing,
  SecurityEventNotification: nothing,
  DataTransfer: unknownVendor,
  FirmwareStatusNotification: nothing,
  LogStatusNotification: nothing,
  PublishFirmwareStatusNotification: nothing,
  NotifyReport: nothing,
  NotifyMonitoringReport: nothing,
  NotifyCustomerInformation: nothing,
  NotifyDisplayMessages: nothing,
  NotifyChargingLimit: nothing,
  NotifyEVChargingNeeds: rejected,
  NotifyEVChargingSchedule: () => accepted,
  ClearedChargingLimit: nothing,
  ReportChargingProfiles: nothing,
  ReservationStatusUpdate: nothing,
  SignCertificate: rejected,
  GetCertificateStatus: failed,
  Get15118EVCertificate: () => ({ status: 'Failed', exiResponse: '' }),
};

/** The payload of the CALLRESULT; `undefined` for an action that no post may call, or none of this version. */
export const answerTo = (version: OcppVersion, asked: Asked): Record<string, unknown> | undefined => {
  const answers = version === 'ocpp1.6' ? answers16 : answers201;
  const { action } = asked.call;
  return Object.hasOwn(answers, action) ? answers[action]!(asked) : undefined;
};

/** Error codes of a CALLERROR (OCPP-J 1.6, 4.2.3, with its own spelling; OCPP-J 2.0.1, 4.3) by what the ingest refused. */
export const errorCodeOf = (version: OcppVersion, refusal: string): string => {
  switch (refusal) {
    case 'unknown-type':
      return 'NotImplemented';
    case 'contract-violated':
      return version === 'ocpp1.6' ? 'FormationViolation' : 'FormatViolation';
    case 'broken-json':
      return version === 'ocpp1.6' ? 'FormationViolation' : 'RpcFrameworkError';
    case 'not-your-address':
    case 'identity-mismatch':
    case 'unknown-device':
      return 'SecurityError';
    default:
      return 'GenericError';
  }
};
