import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, noOp, refused } from '../../dialect.ts';
import { kebabCase, looseNumber } from '../../payload.ts';
import { timeFromIso } from '../../time.ts';
import { powermeter } from './powermeter.ts';

type Recall = (key: string) => string | undefined;

const started = z.looseObject({
  meter_value: powermeter.optional(),
  id_tag: z
    .looseObject({ id_token: z.looseObject({ value: z.string().max(200) }) })
    .optional()
    .catch(undefined),
});
const finished = started.extend({ reason: z.string().max(100).optional() });

export const sessionEvent = z.looseObject({
  uuid: z.string().min(1).max(100),
  event: z.string().min(1).max(100),
  timestamp: z.string().max(64),
  connector_id: z.int().min(0).max(1000).default(1),
  transaction_started: started.optional(),
  transaction_finished: finished.optional(),
});
type SessionEvent = z.infer<typeof sessionEvent>;

/** What an event, or the state of the older API, says of the connector. `SessionStarted` is a cable that was plugged in. */
export const statusWords: Readonly<Record<string, string>> = {
  SessionStarted: 'preparing',
  AuthRequired: 'preparing',
  PrepareCharging: 'preparing',
  Preparing: 'preparing',
  ChargingStarted: 'charging',
  Charging: 'charging',
  ChargingPausedEV: 'suspended-ev',
  ChargingPausedEVSE: 'suspended-evse',
  StoppingCharging: 'finishing',
  ChargingFinished: 'finishing',
  Finished: 'finishing',
  SessionFinished: 'available',
  Unplugged: 'available',
  Enabled: 'available',
  ReservationEnd: 'available',
  ReservationStart: 'reserved',
  Reserved: 'reserved',
  Disabled: 'unavailable',
};

/** They say nothing that the others don't. */
const passedOver = new Set(['Authorized', 'Deauthorized', 'PluginTimeout', 'SwitchingPhases', 'SessionResumed']);

/** The state of a connector. A level: the API repeats what stands. */
export const statusFact = (connector: number, status: string, vendorCode?: string): DeviceFact => ({
  type: 'charging.status-changed',
  data: defined({ connector, status, vendorCode }),
  level: { channel: `connector:${connector}`, value: vendorCode === undefined ? status : `${status}:${vendorCode}` },
});

const registerOf = (meter: z.infer<typeof powermeter> | undefined): number | undefined =>
  looseNumber.safeParse(meter?.energy_Wh_import?.total).data;

const startOf = ({ uuid: session, connector_id: connector, transaction_started: said }: SessionEvent): DeviceFact => ({
  type: 'charging.session-started',
  data: defined({
    connector,
    session,
    credential: said?.id_tag?.id_token.value,
    meterStartWh: registerOf(said?.meter_value),
  }),
});

const endOf = (event: SessionEvent, meterStartWh: number | undefined): DeviceFact => {
  const { uuid: session, connector_id: connector, transaction_finished: said } = event;
  const meterStopWh = registerOf(said?.meter_value);
  const energyWh = meterStopWh === undefined || meterStartWh === undefined ? undefined : meterStopWh - meterStartWh;
  return {
    type: 'charging.session-ended',
    data: defined({
      connector,
      session,
      credential: said?.id_tag?.id_token.value,
      meterStopWh,
      // A meter that went back makes a session suspect; a difference is not made up.
      energyWh: energyWh !== undefined && energyWh >= 0 ? energyWh : undefined,
      reason: kebabCase(said?.reason ?? '') || 'local',
    }),
  };
};

const factOf = (event: SessionEvent, meterStartWh: number | undefined): DeviceFact | undefined => {
  const word = event.event;
  if (word === 'TransactionStarted') return startOf(event);
  if (word === 'TransactionFinished') return endOf(event, meterStartWh);
  if (passedOver.has(word)) return undefined;
  const status = Object.hasOwn(statusWords, word) ? statusWords[word] : undefined;
  return status === undefined ? statusFact(event.connector_id, 'other', word) : statusFact(event.connector_id, status);
};

/** Session events tell everything of a session; once they were heard, what other modules say of it would be a second one. */
export const heardKey = 'session-events';

/** `session_event` of an EVSE manager. A transaction is what the hub calls a session. */
export const decodeSessionEvent = (
  event: SessionEvent,
  about: Pick<DeviceFact, 'externalId' | 'kind'>,
  { timeZone, recall }: { timeZone: string; recall: Recall },
): Decoded => {
  const time = timeFromIso(event.timestamp, timeZone);
  if (time === undefined) return refused('contract-violated', 'timestamp: an RFC 3339 time', 'timestamp');
  const key = `transaction:${event.uuid}`;
  const fact = factOf(event, looseNumber.safeParse(recall(key)).data);
  if (fact === undefined) return noOp(kebabCase(event.event));
  const meterStartWh = fact.data.meterStartWh;
  const memory = event.event === 'TransactionFinished' ? { [key]: null } : {};
  const kept = typeof meterStartWh === 'number' ? { [key]: String(meterStartWh) } : memory;
  return {
    outcome: 'facts',
    facts: [{ ...about, ...fact, time, sourceId: `${event.uuid}:${event.event}`.slice(0, 200) }],
    remember: { [heardKey]: 'heard', ...kept },
  };
};
