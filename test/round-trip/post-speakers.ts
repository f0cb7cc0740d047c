import type { SimulatedEvent } from '../../devices/simulator.ts';
import { canonicalSpeaker, isoOf, type Said, type Say, type Speaker } from './speaker.ts';

const measurands = [
  ['energyWh', 'Energy.Active.Import.Register', 'Wh'],
  ['powerW', 'Power.Active.Import', 'W'],
  ['voltageV', 'Voltage', 'V'],
  ['currentA', 'Current.Import', 'A'],
] as const;

type Values = Record<string, number>;

const sampledOf = ({ data }: SimulatedEvent, write: (value: number, unit: string) => object) =>
  measurands.flatMap(([quantity, measurand, unit]) => {
    const value = (data.values as Values)[quantity];
    return value === undefined ? [] : [{ measurand, ...write(value, unit) }];
  });

/** `suspended-ev` → `SuspendedEV`. */
const pascal = (word: unknown): string =>
  String(word)
    .split('-')
    .map((part) => (/^(ev|evse)$/.test(part) ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('');

/** 1.6 has a session numbered by the answer to its start, which the listener hears as well. */
const speakOcpp16 = (): Say => {
  const numbers = new Map<unknown, number>();
  let messages = 0;
  const call = (action: string, payload: object): Said => {
    messages += 1;
    return { topic: 'ocpp/post-1/up', payload: [2, `m-${messages}`, action, payload] };
  };
  return (event) => {
    const { type, data } = event;
    const timestamp = isoOf(event);
    switch (type) {
      case 'charging.session-started': {
        numbers.set(data.session, numbers.size + 1);
        const start = { connectorId: data.connector, idTag: data.credential, meterStart: data.meterStartWh, timestamp };
        const said = call('StartTransaction', start);
        const answer = { transactionId: numbers.size, idTagInfo: { status: 'Accepted' } };
        return [said, { topic: 'ocpp/post-1/down', payload: [3, `m-${messages}`, answer] }];
      }
      case 'charging.session-ended': {
        const { reason, meterStopWh: meterStop } = data;
        return [call('StopTransaction', { transactionId: numbers.get(data.session), meterStop, reason, timestamp })];
      }
      case 'charging.metered': {
        const sampledValue = sampledOf(event, (value, unit) => ({ value: String(value), unit }));
        const transactionId = numbers.get(data.session);
        return [
          call('MeterValues', {
            connectorId: data.connector,
            transactionId,
            meterValue: [{ timestamp, sampledValue }],
          }),
        ];
      }
      case 'charging.status-changed':
        return [
          call('StatusNotification', {
            connectorId: data.connector,
            status: pascal(data.status),
            errorCode: 'NoError',
            timestamp,
          }),
        ];
      default:
        return undefined;
    }
  };
};

const speakOcpp201 = (): Say => {
  let seqNo = 0;
  return (event) => {
    const { type, data } = event;
    const timestamp = isoOf(event);
    const call = (action: string, payload: object): Said[] => {
      seqNo += 1;
      return [{ topic: 'ocpp201/post-1/up', payload: [2, `m-${seqNo}`, action, payload] }];
    };
    const transaction = (eventType: string, register: unknown, info: object = {}, more: object = {}) =>
      call('TransactionEvent', {
        ...{ eventType, timestamp, triggerReason: 'Local', seqNo, evse: { id: data.connector }, ...more },
        transactionInfo: { transactionId: data.session, ...info },
        meterValue: register === undefined ? [] : [{ timestamp, sampledValue: [{ value: register }] }],
      });
    switch (type) {
      case 'charging.session-started':
        return transaction(
          'Started',
          data.meterStartWh,
          {},
          { idToken: { idToken: data.credential, type: 'ISO14443' } },
        );
      case 'charging.session-ended':
        return transaction('Ended', data.meterStopWh, { stoppedReason: data.reason });
      case 'charging.metered': {
        const sampledValue = sampledOf(event, (value, unit) => ({ value, unitOfMeasure: { unit } }));
        return call('MeterValues', { evseId: data.connector, meterValue: [{ timestamp, sampledValue }] });
      }
      case 'charging.status-changed':
        return /^(available|unavailable|faulted)$/.test(String(data.status))
          ? call('StatusNotification', {
              timestamp,
              connectorStatus: pascal(data.status),
              evseId: data.connector,
              connectorId: 1,
            })
          : undefined;
      default:
        return undefined;
    }
  };
};

const everestWords: Readonly<Record<string, string>> = {
  available: 'SessionFinished',
  preparing: 'AuthRequired',
  charging: 'ChargingStarted',
  'suspended-ev': 'ChargingPausedEV',
  finishing: 'ChargingFinished',
};

const everestTopic = (subject: string): string => `everest_api/1/evse_manager_consumer/evse_1/e2m/${subject}`;

const sayEverest: Say = (event) => {
  const { type, data } = event;
  const timestamp = isoOf(event);
  const tell = (word: string, more: object = {}): Said[] => {
    const uuid = data.session ?? `s-${event.atMs}`;
    return [
      {
        topic: everestTopic('session_event'),
        payload: { uuid, event: word, timestamp, connector_id: data.connector, ...more },
      },
    ];
  };
  const meter = (total: unknown) => ({ meter_value: { energy_Wh_import: { total } } });
  switch (type) {
    case 'charging.session-started': {
      const idTag = { id_token: { value: data.credential, type: 'ISO14443' } };
      return tell('TransactionStarted', { transaction_started: { id_tag: idTag, ...meter(data.meterStartWh) } });
    }
    case 'charging.session-ended':
      return tell('TransactionFinished', { transaction_finished: { reason: data.reason, ...meter(data.meterStopWh) } });
    case 'charging.metered': {
      const { energyWh, powerW, voltageV, currentA } = data.values as Values;
      const payload = {
        ...{ timestamp, energy_Wh_import: { total: energyWh }, power_W: { total: powerW } },
        ...{ voltage_V: { DC: voltageV }, current_A: { DC: currentA } },
      };
      return [{ topic: everestTopic('powermeter'), payload }];
    }
    case 'charging.status-changed': {
      const word = everestWords[String(data.status)];
      return word === undefined ? undefined : tell(word);
    }
    default:
      return undefined;
  }
};

/** Each value is a topic of its own, in words without time; a load point has one connector. */
const sayEvcc: Say = ({ type, data }) => {
  const words = (values: Record<string, unknown>): Said[] =>
    Object.entries(values).map(([key, value]) => ({ topic: `evcc/loadpoints/1/${key}`, payload: String(value) }));
  if (data.connector !== 1) return undefined;
  switch (type) {
    case 'charging.session-started':
      // Of an end evcc knows one reason only, that the cable was pulled; so the one before may not be over for it.
      return [...words({ connected: false }), ...words({ connected: true, charging: true })];
    case 'charging.session-ended':
      return data.reason === 'ev-disconnected' ? words({ chargedEnergy: data.energyWh, connected: false }) : undefined;
    case 'charging.metered':
      return words({ chargePower: (data.values as Values).powerW });
    case 'charging.status-changed':
      if (data.status === 'available') return words({ connected: false });
      return data.status === 'charging' ? words({ charging: true }) : undefined;
    default:
      return undefined;
  }
};

const sayTelemetry: Say = ({ type, data, atMs: ts }) => {
  const values =
    type === 'charging.metered'
      ? { meterWh: (data.values as Values).energyWh }
      : type === 'device.fault-raised' && { fault: data.code };
  return values ? [{ topic: 'v1/devices/me/telemetry', payload: { ts, values } }] : undefined;
};

export const postSpeakers: Speaker[] = [
  canonicalSpeaker,
  { dialect: 'ocpp16', speak: speakOcpp16 },
  { dialect: 'ocpp201', speak: speakOcpp201 },
  { dialect: 'everest', speak: () => sayEverest },
  { dialect: 'evcc', time: 'none', speak: () => sayEvcc },
  { dialect: 'thingsboard', speak: () => sayTelemetry },
];
