import type { Chance } from './chance.ts';
import type { SaidFact } from './ledger.ts';
import type { Saying, Speaker } from './speaker.ts';

const isoTime = (ms: number): string => new Date(ms).toISOString();
const json = (topic: string, body: unknown, facts: SaidFact[], retain = false): Saying => ({
  ...{ topic, facts, retain },
  payload: Buffer.from(JSON.stringify(body)),
  qos: 1,
});

/** Something that is now and then the case for a while. */
const createTrouble = (chance: Chance, meanHours: number, lastsHours: [number, number]) => {
  let untilMs: number | undefined;
  let lastMs: number | undefined;
  /** Answers whether it changed. */
  return {
    stands: (): boolean => untilMs !== undefined,
    step(nowMs: number): boolean {
      const elapsedHours = lastMs === undefined ? 0 : Math.max(0, nowMs - lastMs) / 3_600_000;
      lastMs = nowMs;
      if (untilMs !== undefined) {
        if (nowMs < untilMs) return false;
        untilMs = undefined;
        return true;
      }
      if (!chance.hit(elapsedHours / meanHours)) return false;
      untilMs = nowMs + chance.between(...lastsHours) * 3_600_000;
      return true;
    },
  };
};

/** Every so often, a little uneven. */
const createEvery = (chance: Chance, minutes: number) => {
  let nextMs = 0;
  return (nowMs: number): boolean => {
    if (nowMs < nextMs) return false;
    nextMs = nowMs + minutes * chance.between(0.8, 1.2) * 60_000;
    return true;
  };
};

export interface Beneath {
  /** The hub's id, or `<gateway>/<external id>` where nobody registered it. */
  device: string;
  externalId: string;
  name: string;
}

/** Zigbee2MQTT with smoke alarms that tell their time and thermometers that don't. */
export const createZigbeeGateway = (
  gateway: string,
  { smoke, climate }: { smoke: Beneath[]; climate: Beneath[] },
  chance: Chance,
): Speaker => {
  const list = createEvery(chance, 24 * 60);
  const alarms = smoke.map((one) => ({
    ...one,
    trouble: createTrouble(chance, 60, [0.1, 5]),
    due: createEvery(chance, 50),
  }));
  const rooms = climate.map((one) => ({ ...one, due: createEvery(chance, 25) }));
  let isFirst = true;

  const smokeState = ({ device, name, trouble }: (typeof alarms)[number], changed: boolean, nowMs: number): Saying => {
    const active = trouble.stands();
    const about = { device, statedAtMs: nowMs };
    return json(
      `zigbee2mqtt/${name}`,
      { smoke: active, battery: 88, linkquality: chance.whole(40, 220), last_seen: isoTime(nowMs) },
      [
        { ...about, type: 'sensor.measured', data: { values: { smokeAlarm: active ? 1 : 0, batteryPercent: 88 } } },
        {
          ...{ ...about, type: 'sensor.threshold-crossed', data: { quantity: 'smoke', active } },
          level: changed ? 'changed' : 'same',
        },
        { ...about, type: 'device.seen', data: { batteryPercent: 88 }, level: 'same' },
      ],
    );
  };

  const steps = (nowMs: number): Saying[] => [
    ...alarms.flatMap((alarm) => {
      const changed = alarm.trouble.step(nowMs);
      return changed || alarm.due(nowMs) ? [smokeState(alarm, changed, nowMs)] : [];
    }),
    ...rooms.flatMap(({ device, name, due }) => {
      if (!due(nowMs)) return [];
      const temperature = Number(chance.between(12, 30).toFixed(2));
      const fact = { device, type: 'sensor.measured', data: { values: { temperatureC: temperature } } };
      return [json(`zigbee2mqtt/${name}`, { temperature, linkquality: chance.whole(40, 220) }, [fact])];
    }),
  ];

  return {
    dialect: 'zigbee2mqtt',
    step(nowMs) {
      const sayings: Saying[] = [];
      if (isFirst) {
        const fact: SaidFact = {
          device: gateway,
          type: 'device.connected',
          data: { reason: 'reported' },
          level: 'changed',
        };
        sayings.push(json('zigbee2mqtt/bridge/state', { state: 'online' }, [fact], true));
      }
      isFirst = false;
      if (list(nowMs)) {
        const names = [...smoke, ...climate].map((one) => ({ friendly_name: one.name, ieee_address: one.externalId }));
        sayings.push(json('zigbee2mqtt/bridge/devices', names, [], true));
      }
      return [...sayings, ...steps(nowMs)];
    },
  };
};

/** A LoRaWAN network server: leak detectors with a deduplication id and a time on every uplink. */
export const createChirpstack = (leaks: Beneath[], chance: Chance): Speaker => {
  let uplinks = 0;
  const detectors = leaks.map((one) => ({
    ...one,
    trouble: createTrouble(chance, 50, [0.3, 8]),
    due: createEvery(chance, 30),
  }));
  const uplink = (
    { device, externalId, name, trouble }: (typeof detectors)[number],
    changed: boolean,
    nowMs: number,
  ) => {
    const id = `up-${externalId}-${++uplinks}`;
    const active = trouble.stands();
    const temperature = Number(chance.between(4, 28).toFixed(1));
    const about = { device, statedAtMs: nowMs };
    return json(
      `application/0b1f6c52/device/${externalId}/event/up`,
      {
        ...{ deduplicationId: id, time: isoTime(nowMs), fPort: 85 },
        deviceInfo: { deviceName: name, devEui: externalId },
        object: { temperature, water_leak: active ? 'leak' : 'normal' },
        rxInfo: [{ rssi: -chance.whole(30, 120) }],
      },
      [
        {
          ...{ ...about, type: 'sensor.measured', sourceId: `${id}:sensor.measured` },
          data: { values: { temperatureC: temperature, waterLeak: active ? 1 : 0 } },
        },
        {
          ...{ ...about, type: 'sensor.threshold-crossed', data: { quantity: 'water-leak', active } },
          ...{ sourceId: `${id}:sensor.threshold-crossed:alarm:water-leak`, level: changed ? 'changed' : 'same' },
        },
      ],
    );
  };
  return {
    dialect: 'chirpstack',
    step: (nowMs) =>
      detectors.flatMap((detector) => {
        const changed = detector.trouble.step(nowMs);
        return changed || detector.due(nowMs) ? [uplink(detector, changed, nowMs)] : [];
      }),
  };
};
