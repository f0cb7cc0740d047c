import { z } from 'zod';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { kebabCase, looseNumber } from '../../payload.ts';
import { meterValue, readMeterValues } from './meter-values.ts';
import { connectorId, type Saying, timestamp } from './saying.ts';

type Recall = (key: string) => string | undefined;

const transactionId = looseNumber.pipe(z.int());

export const startTransaction = z.looseObject({
  connectorId,
  idTag: z.string().max(200).optional(),
  meterStart: looseNumber.optional(),
  timestamp,
});

export const stopTransaction = z.looseObject({
  transactionId,
  idTag: z.string().max(200).optional(),
  meterStop: looseNumber.optional(),
  timestamp,
  reason: z.string().max(100).optional(),
  transactionData: z.array(meterValue).optional(),
});

export const meterValues = z.looseObject({
  connectorId,
  transactionId: transactionId.optional(),
  meterValue: z.array(meterValue),
});

/** What is remembered of a session, as text: its id and the meter at its start. */
const writeMemory = (session: string, meterStartWh: number | undefined): string => `${session}|${meterStartWh ?? ''}`;

interface Session {
  session: string;
  connector?: number | undefined;
  meterStartWh?: number | undefined;
}

const readMemory = (memory: string): Session => {
  const bar = memory.lastIndexOf('|');
  const session = memory.slice(0, bar);
  const connector = connectorId.safeParse(session.split('@')[0]).data;
  return { session, connector, meterStartWh: looseNumber.safeParse(memory.slice(bar + 1)).data };
};

const startKey = (chargePoint: string, uniqueId: string): string => `start:${chargePoint}:${uniqueId}`;
/** Where the number of a running session is remembered. */
export const numberKey = (chargePoint: string, session: string): string => `number:${chargePoint}:${session}`;
const transactionKey = (chargePoint: string, transaction: number): string =>
  `transaction:${chargePoint}:${transaction}`;

/**
 * The transaction's number is the answer's to give, and an answer may never pass by here. So the session is named from
 * the request itself, `<connector>@<start>`, and the answer only ties the number to that name.
 */
export const decodeStart = (start: z.infer<typeof startTransaction>, uniqueId: string, saying: Saying): Decoded => {
  const { connectorId: connector, idTag, meterStart } = start;
  const about = saying.at(start.timestamp);
  const session = `${connector}@${about.time?.at ?? uniqueId.slice(0, 80)}`;
  const started: DeviceFact = {
    ...about,
    type: 'charging.session-started',
    data: {
      connector,
      session,
      ...(idTag === undefined ? {} : { credential: idTag }),
      ...(meterStart === undefined ? {} : { meterStartWh: meterStart }),
    },
    // Some firmwares count their unique ids anew after a restart, so the id proves no repetition where a time does.
    sourceId: `start:${connector}:${meterStart ?? ''}:${start.timestamp || uniqueId}`.slice(0, 200),
  };
  const remember = { [startKey(saying.chargePoint, uniqueId)]: writeMemory(session, meterStart) };
  return { outcome: 'facts', facts: [started], remember };
};

/** StartTransaction.conf: the only place that ties the transaction's number to what was started. */
export const decodeStartAnswer = (transaction: number, uniqueId: string, saying: Saying, recall: Recall): Decoded => {
  const started = recall(startKey(saying.chargePoint, uniqueId));
  if (started === undefined) return noOp('answer-to-unheard-start');
  return {
    outcome: 'no-op',
    reason: 'transaction-numbered',
    remember: {
      [startKey(saying.chargePoint, uniqueId)]: null,
      [transactionKey(saying.chargePoint, transaction)]: started,
      [numberKey(saying.chargePoint, readMemory(started).session)]: String(transaction),
    },
  };
};

export const decodeStop = (stop: z.infer<typeof stopTransaction>, saying: Saying, recall: Recall): Decoded => {
  const key = transactionKey(saying.chargePoint, stop.transactionId);
  const memory = recall(key);
  const started: Session = memory === undefined ? { session: String(stop.transactionId) } : readMemory(memory);
  const { session, connector, meterStartWh } = started;
  const energyWh =
    stop.meterStop === undefined || meterStartWh === undefined ? undefined : stop.meterStop - meterStartWh;
  const ended: DeviceFact = {
    ...saying.at(stop.timestamp),
    type: 'charging.session-ended',
    data: {
      ...(connector === undefined ? {} : { connector }),
      session,
      ...(stop.idTag === undefined ? {} : { credential: stop.idTag }),
      ...(stop.meterStop === undefined ? {} : { meterStopWh: stop.meterStop }),
      // A meter that went back makes a session suspect; the two readings stay, a difference is not made up.
      ...(energyWh === undefined || energyWh < 0 ? {} : { energyWh }),
      // OCPP 1.6, StopTransaction.req: a reason left out means Local.
      reason: kebabCase(stop.reason ?? '') || 'local',
    },
    sourceId: `stop:${stop.transactionId}:${stop.timestamp || stop.meterStop || ''}`.slice(0, 200),
  };
  const metered = meteredFacts(stop.transactionData ?? [], { connector, session }, saying, 'transactionData');
  if (!metered.ok) return metered.refusal;
  const forget =
    memory === undefined ? {} : { remember: { [key]: null, [numberKey(saying.chargePoint, session)]: null } };
  return { outcome: 'facts', facts: [...metered.facts, ended], ...forget };
};

export const decodeMeterValues = (report: z.infer<typeof meterValues>, saying: Saying, recall: Recall): Decoded => {
  const { transactionId: transaction, connectorId: connector } = report;
  const memory = transaction === undefined ? undefined : recall(transactionKey(saying.chargePoint, transaction));
  // MicroOcpp and others send -1 while the answer with the number is still out.
  const numbered = transaction === undefined || transaction < 0 ? undefined : String(transaction);
  const session = memory === undefined ? numbered : readMemory(memory).session;
  const metered = meteredFacts(report.meterValue, { connector, session, transaction }, saying, 'meterValue');
  if (!metered.ok) return metered.refusal;
  return metered.facts.length === 0 ? noOp('no-known-measurand') : facts(...metered.facts);
};

const meterSource = (about: (string | number | undefined)[], values: object): string =>
  ['meter', ...about.map((part) => part ?? ''), Object.keys(values).sort().join('+')].join(':').slice(0, 200);

interface Metered {
  connector: number | undefined;
  session: string | undefined;
  transaction?: number | undefined;
}

const meteredFacts = (
  list: z.infer<typeof meterValue>[],
  about: Metered,
  saying: Saying,
  field: string,
): { ok: true; facts: DeviceFact[] } | { ok: false; refusal: Decoded } => {
  const readings = readMeterValues(list);
  if (!readings.ok) {
    const path = `${field}.${readings.field}`;
    return { ok: false, refusal: refused('contract-violated', `${path}: a number, or a number in quotes`, path) };
  }
  const { connector, session, transaction } = about;
  return {
    ok: true,
    facts: readings.byTime.map(({ timestamp: taken, values }) => ({
      ...saying.at(taken),
      type: 'charging.metered',
      data: {
        ...(connector === undefined ? {} : { connector }),
        ...(session === undefined ? {} : { session }),
        values,
      },
      // The quantities belong to it: a post may send two messages of one connector with the same time.
      ...(taken ? { sourceId: meterSource([connector, transaction ?? session, taken], values) } : {}),
    })),
  };
};
