import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { kebabCase, looseNumber } from '../../payload.ts';
import type { QuantityName } from '../../quantities.ts';
import { readMeterValues } from '../ocpp16/meter-values.ts';
import { connectorId, type Saying, timestamp } from '../ocpp16/saying.ts';

type Recall = (key: string) => string | undefined;

const word = z.string().optional();

/** The unit moved into an object of its own, with a power of ten beside it. */
const sampledValue = z
  .looseObject({
    value: looseNumber,
    measurand: word,
    phase: word,
    location: word,
    unitOfMeasure: z.looseObject({ unit: word, multiplier: z.int().min(-12).max(12).optional() }).optional(),
  })
  .transform(({ unitOfMeasure, value, ...sample }) => ({
    ...sample,
    value: value * 10 ** (unitOfMeasure?.multiplier ?? 0),
    unit: unitOfMeasure?.unit,
  }));

const meterValue = z.looseObject({ timestamp, sampledValue: z.array(sampledValue) });
type MeterValue = z.infer<typeof meterValue>;

export const meterValues = z.looseObject({ evseId: connectorId, meterValue: z.array(meterValue) });

export const transactionEvent = z.looseObject({
  eventType: z.string().max(100),
  timestamp,
  triggerReason: z.string().max(100).default(''),
  seqNo: looseNumber.pipe(z.int()),
  offline: z.boolean().optional(),
  transactionInfo: z.looseObject({
    transactionId: z.string().min(1).max(100),
    chargingState: word,
    stoppedReason: z.string().max(100).optional(),
  }),
  evse: z.looseObject({ id: connectorId }).optional(),
  idToken: z.looseObject({ idToken: z.string().max(200) }).optional(),
  meterValue: z.array(meterValue).default([]),
});
type TransactionEvent = z.infer<typeof transactionEvent>;

type Metered = { timestamp: string | undefined; values: Partial<Record<QuantityName, number>> };

const readingsOf = (list: readonly MeterValue[]): { ok: true; byTime: Metered[] } | { ok: false; refusal: Decoded } => {
  const readings = readMeterValues(list);
  if (readings.ok) return readings;
  const path = `meterValue.${readings.field}`;
  return { ok: false, refusal: refused('contract-violated', `${path}: a number, or a number in quotes`, path) };
};

const meteredFacts = (
  readings: readonly Metered[],
  about: { connector?: number | undefined; session?: string | undefined },
  saying: Saying,
): DeviceFact[] =>
  readings.map(({ timestamp: taken, values }) => {
    const quantities = Object.keys(values).sort().join('+');
    const sourceId = ['meter', about.connector ?? '', about.session ?? '', taken, quantities].join(':').slice(0, 200);
    return {
      ...saying.at(taken),
      type: 'charging.metered',
      data: { ...defined(about), values },
      ...(taken ? { sourceId } : {}),
    };
  });

export const decodeMeterValues = (report: z.infer<typeof meterValues>, saying: Saying): Decoded => {
  const readings = readingsOf(report.meterValue);
  if (!readings.ok) return readings.refusal;
  const metered = meteredFacts(readings.byTime, { connector: report.evseId }, saying);
  return metered.length === 0 ? noOp('no-known-measurand') : facts(...metered);
};

const transactionKey = (chargePoint: string, transaction: string): string =>
  `transaction201:${chargePoint}:${transaction}`;

/** Later events of a transaction may leave its EVSE out; what is remembered is `<evse>|<meter at the start>`. */
const memoryOf = (
  recall: Recall,
  key: string,
): { connector?: number | undefined; meterStartWh?: number | undefined } => {
  const [connector, meterStartWh] = (recall(key) ?? '').split('|');
  return {
    connector: connectorId.safeParse(connector).data,
    meterStartWh: looseNumber.safeParse(meterStartWh).data,
  };
};

/** `EVConnected` and `Idle` say no more than the connector's own status. */
const chargingStates = new Map([
  ['Charging', 'charging'],
  ['SuspendedEV', 'suspended-ev'],
  ['SuspendedEVSE', 'suspended-evse'],
]);

const stateFacts = (event: TransactionEvent, connector: number | undefined, saying: Saying): DeviceFact[] => {
  const status = chargingStates.get(event.transactionInfo.chargingState ?? '');
  if (status === undefined || connector === undefined || event.eventType === 'Ended') return [];
  const level = { channel: `connector:${connector}`, value: status };
  return [{ ...saying.at(event.timestamp), type: 'charging.status-changed', data: { connector, status }, level }];
};

const startOrEnd = (
  event: TransactionEvent,
  about: { connector?: number | undefined; meterStartWh?: number | undefined; meterWh?: number | undefined },
  saying: Saying,
): DeviceFact[] => {
  const { connector, meterStartWh, meterWh } = about;
  const { transactionId: session, stoppedReason } = event.transactionInfo;
  const shared = { connector, session, credential: event.idToken?.idToken };
  // Words outside the standard's list are kept as they come.
  const trigger = kebabCase(event.triggerReason) || undefined;
  if (event.eventType === 'Started') {
    const data = defined({ ...shared, meterStartWh: meterWh, reason: trigger });
    return [{ ...saying.at(event.timestamp), type: 'charging.session-started', data }];
  }
  if (event.eventType !== 'Ended') return [];
  const energyWh = meterWh === undefined || meterStartWh === undefined ? undefined : meterWh - meterStartWh;
  const data = defined({
    ...shared,
    meterStopWh: meterWh,
    energyWh: energyWh !== undefined && energyWh >= 0 ? energyWh : undefined,
    // OCPP 2.0.1, TransactionType: a stoppedReason left out means Local.
    reason: kebabCase(stoppedReason ?? '') || 'local',
  });
  return [{ ...saying.at(event.timestamp), type: 'charging.session-ended', data }];
};

export const decodeTransactionEvent = (event: TransactionEvent, saying: Saying, recall: Recall): Decoded => {
  const { transactionInfo, seqNo, eventType } = event;
  if (!['Started', 'Updated', 'Ended'].includes(eventType)) {
    return refused('contract-violated', 'eventType: Started, Updated or Ended', 'eventType');
  }
  const readings = readingsOf(event.meterValue);
  if (!readings.ok) return readings.refusal;
  const session = transactionInfo.transactionId;
  const key = transactionKey(saying.chargePoint, session);
  const known = memoryOf(recall, key);
  const connector = event.evse?.id ?? known.connector;
  const registers = readings.byTime.flatMap(({ values }) => values.energyWh ?? []);
  const meterWh = eventType === 'Ended' ? registers.at(-1) : registers[0];
  const own = [
    ...startOrEnd(event, { ...known, connector, meterWh }, saying),
    ...stateFacts(event, connector, saying),
  ].map((fact) => ({ ...fact, sourceId: `${fact.type}:${session}:${seqNo}` }));
  const said = [...own, ...meteredFacts(readings.byTime, { connector, session }, saying)];
  const alive: DeviceFact = { ...saying.at(event.timestamp), type: 'device.seen', data: {} };
  const spoken = said.length === 0 ? [alive] : said;
  // What a station kept while it had no connection is stored, but alarms nobody any more.
  const items = event.offline === true ? spoken.map((fact) => ({ ...fact, replayed: true })) : spoken;
  const startWh = eventType === 'Started' ? meterWh : known.meterStartWh;
  const memory = eventType === 'Ended' ? null : `${connector ?? ''}|${startWh ?? ''}`;
  return (recall(key) ?? null) === memory
    ? facts(...items)
    : { outcome: 'facts', facts: items, remember: { [key]: memory } };
};
