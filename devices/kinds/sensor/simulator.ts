import {
  between,
  elapsedMs,
  eventMessages,
  happens,
  localHour,
  minutesFrom,
  type Pace,
  paceOf,
  type SimulatedEvent,
  type SimulationStep,
  type Simulator,
  statusMessage,
  telemetryMessage,
} from '../../simulator.ts';

export const sensorVariants = ['climate', 'smoke', 'water-leak', 'fire-water', 'air', 'door', 'heat'] as const;
export type SensorVariant = (typeof sensorVariants)[number];

export interface SensorState extends Pace {
  variant: SensorVariant;
  nextTelemetryMs: number;
  /** Smoke, a leak, a pressure out of its band: until then. */
  alarmUntilMs: number | undefined;
  batteryPercent: number;
  batteryReplacedAtMs: number | undefined;
}

const telemetryEveryMs = 5 * 60_000;
const telemetryEveryMsMin = 15_000;

/** The band in which a fire main has to stay, in kPa. */
export const fireWaterBand = { low: 300, high: 500 };

/** Coldest at five in the morning, warmest in the afternoon. */
const outdoorTemperatureC = (hour: number, random: () => number): number =>
  Number((18 + 6 * Math.sin(((hour - 11) / 24) * 2 * Math.PI) + between(random, -0.4, 0.4, 1)).toFixed(1));

const valuesOf = (state: SensorState, { nowMs, random }: SimulationStep): Record<string, number> => {
  const hour = localHour(state, nowMs);
  const isAlarmed = state.alarmUntilMs !== undefined;
  switch (state.variant) {
    case 'climate':
      return { temperatureC: outdoorTemperatureC(hour, random), humidityPercent: between(random, 45, 70, 1) };
    case 'smoke':
      return { smokeAlarm: isAlarmed ? 1 : 0, temperatureC: between(random, 19, 24, 1) };
    case 'water-leak':
      return { waterLeak: isAlarmed ? 1 : 0 };
    case 'fire-water':
      return { pressureKPa: isAlarmed ? between(random, 180, 270) : between(random, 385, 415) };
    case 'air':
      return {
        pm25UgPerM3: between(random, 12, 60),
        co2Ppm: between(random, 410, 650),
        noiseDb: between(random, 38, 62, 1),
      };
    case 'door':
      return { contactOpen: hour >= 6 && hour < 23 && random() < 0.2 ? 1 : 0 };
    case 'heat':
      return { temperatureC: isAlarmed ? between(random, 62, 80, 1) : between(random, 22, 45, 1) };
  }
};

/** The alarm of each variant, and how often it comes: smoke is rarest. */
const alarms: Partial<
  Record<SensorVariant, { perHour: number; minutes: [number, number]; data: Record<string, unknown> }>
> = {
  smoke: { perHour: 1 / 700, minutes: [5, 15], data: { quantity: 'smoke' } },
  'water-leak': { perHour: 1 / 400, minutes: [20, 90], data: { quantity: 'water-leak' } },
  'fire-water': {
    perHour: 1 / 150,
    minutes: [20, 60],
    data: { quantity: 'pressureKPa', direction: 'low', threshold: fireWaterBand.low },
  },
  heat: {
    perHour: 1 / 400,
    minutes: [10, 40],
    data: { quantity: 'temperatureC', direction: 'high', threshold: 60 },
  },
};

const stepAlarm = (state: SensorState, step: SimulationStep): [SensorState, SimulatedEvent[]] => {
  const alarm = alarms[state.variant];
  const { nowMs } = step;
  if (alarm === undefined) return [state, []];
  const crossed = (active: boolean): SimulatedEvent => ({
    type: 'sensor.threshold-crossed',
    atMs: nowMs,
    data: { ...alarm.data, active },
  });
  // A reading goes with every change, so that the curve has its step where the alarm is.
  if (state.alarmUntilMs !== undefined) {
    if (nowMs < state.alarmUntilMs) return [state, []];
    return [{ ...state, alarmUntilMs: undefined, nextTelemetryMs: nowMs }, [crossed(false)]];
  }
  if (!happens(state, step, alarm.perHour)) return [state, []];
  const alarmUntilMs = minutesFrom(state, step, ...alarm.minutes);
  return [{ ...state, alarmUntilMs, nextTelemetryMs: nowMs }, [crossed(true)]];
};

const drainPercentPerHour = 0.01;
const lowPercent = 15;

/** A battery lasts more than a year, but some cells fail early; then it is changed within a day. */
const stepBattery = (state: SensorState, step: SimulationStep): [SensorState, SimulatedEvent[]] => {
  const { nowMs, random } = step;
  if (state.batteryReplacedAtMs !== undefined) {
    const isReplaced = nowMs >= state.batteryReplacedAtMs;
    return [isReplaced ? { ...state, batteryPercent: 100, batteryReplacedAtMs: undefined } : state, []];
  }
  const drained = (drainPercentPerHour * state.speed * elapsedMs(state, nowMs)) / 3_600_000;
  const failed = happens(state, step, 1 / 600);
  const batteryPercent = failed ? between(random, 5, 14) : Math.max(state.batteryPercent - drained, 0);
  if (batteryPercent >= lowPercent) return [{ ...state, batteryPercent }, []];
  const low = { type: 'device.battery-low', atMs: nowMs, data: { batteryPercent: Math.round(batteryPercent) } };
  return [{ ...state, batteryPercent, batteryReplacedAtMs: minutesFrom(state, step, 360, 1440) }, [low]];
};

const variantOf = (name: string | undefined): SensorVariant =>
  sensorVariants.find((variant) => variant === name) ?? 'climate';

export const simulator: Simulator<SensorState> = {
  kind: 'sensor',
  start: (options = {}) => ({
    ...paceOf(options),
    variant: variantOf(options.variant),
    nextTelemetryMs: 0,
    alarmUntilMs: undefined,
    batteryPercent: 100,
    batteryReplacedAtMs: undefined,
  }),
  simulate(before, step) {
    const { nowMs } = step;
    const isFirst = before.lastMs === undefined;
    const [afterAlarm, alarmEvents] = stepAlarm(before, step);
    const [after, batteryEvents] = stepBattery(afterAlarm, step);
    const isDue = nowMs >= after.nextTelemetryMs;
    // A little uneven, so that a compound's sensors don't all speak in the same second.
    const everyMs = Math.max(telemetryEveryMs / before.speed, telemetryEveryMsMin) * (0.9 + step.random() * 0.2);
    const values = isDue ? { ...valuesOf(after, step), batteryPercent: Math.round(after.batteryPercent) } : {};
    return {
      state: { ...after, lastMs: nowMs, ...(isDue ? { nextTelemetryMs: nowMs + everyMs } : {}) },
      messages: [
        ...(isFirst ? [statusMessage('online')] : []),
        ...eventMessages([...alarmEvents, ...batteryEvents]),
        ...(isDue ? [telemetryMessage(nowMs, values)] : []),
      ],
    };
  },
};
