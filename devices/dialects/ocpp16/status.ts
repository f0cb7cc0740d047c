import { z } from 'zod';
import type { DeviceFact } from '../../dialect.ts';
import { kebabCase } from '../../payload.ts';
import { connectorId, type Saying, timestamp } from './saying.ts';

const statuses = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
];

const errorCodes = [
  'ConnectorLockFailure',
  'EVCommunicationError',
  'GroundFailure',
  'HighTemperature',
  'InternalError',
  'LocalListConflict',
  'OtherError',
  'OverCurrentFailure',
  'OverVoltage',
  'PowerMeterFailure',
  'PowerSwitchFailure',
  'ReaderFailure',
  'ResetFailure',
  'UnderVoltage',
  'WeakSignal',
];

const noError = 'NoError';
const text = z.string().optional();

export const statusNotification = z.looseObject({
  connectorId,
  status: z.string().min(1),
  errorCode: z.string().default(noError),
  info: text,
  timestamp,
  vendorErrorCode: text,
});
type StatusNotification = z.infer<typeof statusNotification>;

const sameWord = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const knownWord = (words: readonly string[], word: string): string | undefined =>
  words.find((known) => sameWord(known, word));

/** A stable code for the fault that stands, if one does. The status wins: `Faulted` with `NoError` is a fault. */
const faultOf = (report: StatusNotification): { code: string; vendorCode?: string } | undefined => {
  const vendorCode = report.vendorErrorCode || undefined;
  const vendorsOwn = vendorCode === undefined ? {} : { vendorCode: vendorCode.slice(0, 500) };
  if (!sameWord(report.errorCode, noError) && report.errorCode !== '') {
    const known = knownWord(errorCodes, report.errorCode);
    if (known !== undefined) return { code: kebabCase(known), ...vendorsOwn };
    return { code: 'other-error', vendorCode: report.errorCode.slice(0, 500), ...vendorsOwn };
  }
  return sameWord(report.status, 'Faulted') ? { code: 'unknown', ...vendorsOwn } : undefined;
};

/**
 * StatusNotification says a connector's state and, in OCPP 1.6, its fault: a level without a message of its own for
 * "over". Which code stands is remembered, so that what is cleared carries the code that was raised.
 */
export const decodeStatus = (
  report: StatusNotification,
  saying: Saying,
  recall: (key: string) => string | undefined,
): { facts: DeviceFact[]; remember?: Record<string, string | null> } => {
  const { connectorId: connector } = report;
  const known = knownWord(statuses, report.status);
  const status = known === undefined ? 'other' : kebabCase(known);
  const own = report.status.slice(0, 100);
  const state: DeviceFact = {
    ...saying.at(report.timestamp),
    ...sourceOf('status', report),
    type: 'charging.status-changed',
    data: { connector, status, ...(known === undefined ? { vendorCode: own } : {}) },
    level: { channel: `connector:${connector}`, value: known === undefined ? `other:${own}` : status },
  };
  const key = `fault:${saying.chargePoint}:${connector}`;
  const faults = faultFacts(report, saying, recall(key));
  const standing = faultOf(report)?.code ?? null;
  return { facts: [state, ...faults], ...(faults.length === 0 ? {} : { remember: { [key]: standing } }) };
};

/** One report makes several facts, each with an id of its own. */
const sourceOf = (fact: string, report: StatusNotification): { sourceId?: string } => {
  const { connectorId: connector, timestamp: at, status, errorCode } = report;
  return at ? { sourceId: [fact, connector, at, status, errorCode].join(':').slice(0, 200) } : {};
};

const faultFacts = (report: StatusNotification, saying: Saying, before: string | undefined): DeviceFact[] => {
  const component = report.connectorId === 0 ? 'station' : `connector-${report.connectorId}`;
  const level = (value: string) => ({ level: { channel: `fault:${component}`, value, initial: 'cleared' } });
  const fault = faultOf(report);
  const facts: DeviceFact[] = [];
  if (before !== undefined && before !== fault?.code) {
    facts.push({
      ...saying.at(report.timestamp),
      ...sourceOf('fault-cleared', report),
      type: 'device.fault-cleared',
      data: { code: before, component },
      ...level('cleared'),
    });
  }
  if (fault !== undefined) {
    const info = report.info ? { text: report.info.slice(0, 500) } : {};
    facts.push({
      ...saying.at(report.timestamp),
      ...sourceOf('fault-raised', report),
      type: 'device.fault-raised',
      data: { ...fault, ...info, component },
      ...level(`raised:${fault.code}`),
    });
  }
  return facts;
};
