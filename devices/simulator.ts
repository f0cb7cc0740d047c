/** A message as a device would publish it, beneath `xy/v1/<compound>/<device>/`. */
export interface SimulatedMessage {
  topicSuffix: 'events' | 'telemetry' | 'status';
  payload: string;
  qos: 0 | 1;
  retain: boolean;
}

export interface SimulatorOptions {
  /** How many hours' happenings take place in one hour. Times stay real, so does the hour of the day. */
  speed?: number;
  utcOffsetHours?: number;
  /** For kinds that have several sorts of device: what a sensor measures, whether a post charges cars or e-bikes. */
  variant?: string;
}

export interface SimulationStep {
  nowMs: number;
  /** 0 to 1, from a seeded generator: the same seed and steps give the same messages. */
  random: () => number;
}

/** A kind's imaginary device. Pure: whoever runs it keeps the state and calls it every few seconds. */
export interface Simulator<State> {
  kind: string;
  start(options?: SimulatorOptions): State;
  simulate(state: State, step: SimulationStep): { state: State; messages: SimulatedMessage[] };
}

/** What every simulator's state holds. */
export interface Pace {
  speed: number;
  utcOffsetHours: number;
  /** Of the step before; nothing before the first. */
  lastMs: number | undefined;
}

export const paceOf = ({ speed = 1, utcOffsetHours = 8 }: SimulatorOptions = {}): Pace => ({
  speed,
  utcOffsetHours,
  lastMs: undefined,
});

const hourMs = 3_600_000;
const eventsOfStepMax = 100;

/** Time since the last step; a pause of the runner isn't made up for beyond an hour. */
export const elapsedMs = ({ lastMs }: Pace, nowMs: number): number =>
  Math.min(Math.max(nowMs - (lastMs ?? nowMs), 0), hourMs);

/** 0 to 24, fractions included, in the compound's zone. */
export const localHour = ({ utcOffsetHours }: Pace, nowMs: number): number =>
  (((nowMs / hourMs + utcOffsetHours) % 24) + 24) % 24;

export const localDay = ({ utcOffsetHours }: Pace, nowMs: number, daysAgo = 0): string =>
  new Date(nowMs + (utcOffsetHours - daysAgo * 24) * hourMs).toISOString().slice(0, 10);

/** Moments within this step at which something that happens `perHour` times on average took place, in order. */
export const momentsOf = (pace: Pace, step: SimulationStep, perHour: number): number[] => {
  const elapsed = elapsedMs(pace, step.nowMs);
  const expected = (perHour * pace.speed * elapsed) / hourMs;
  const whole = Math.floor(expected);
  const count = Math.min(whole + (step.random() < expected - whole ? 1 : 0), eventsOfStepMax);
  return Array.from({ length: count }, () => Math.round(step.nowMs - step.random() * elapsed)).sort((a, b) => a - b);
};

export const happens = (pace: Pace, step: SimulationStep, perHour: number): boolean =>
  momentsOf(pace, step, perHour).length > 0;

/** A duration between two numbers of minutes, shortened by the speed but never below a few seconds. */
export const minutesFrom = (pace: Pace, step: SimulationStep, least: number, most: number): number =>
  step.nowMs + Math.max(((least + step.random() * (most - least)) * 60_000) / pace.speed, 5_000);

export const pick = <T>(random: () => number, items: readonly T[]): T => {
  const item = items[Math.min(Math.floor(random() * items.length), items.length - 1)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

export const between = (random: () => number, least: number, most: number, decimals = 0): number =>
  Number((least + random() * (most - least)).toFixed(decimals));

export interface SimulatedEvent {
  type: string;
  data: Record<string, unknown>;
  atMs: number;
}

const isoTime = (atMs: number): string => new Date(atMs).toISOString();

/** The events as messages within the batch that one message may hold, in the order of their times. */
export const eventMessages = (events: readonly SimulatedEvent[]): SimulatedMessage[] => {
  const ordered = [...events].sort((a, b) => a.atMs - b.atMs);
  const items = ordered.map(({ type, data, atMs }, index) => ({
    type,
    time: isoTime(atMs),
    id: `${atMs.toString(36)}-${index}`,
    data,
  }));
  const messages: SimulatedMessage[] = [];
  for (let start = 0; start < items.length; start += eventsOfStepMax) {
    const payload = JSON.stringify(items.slice(start, start + eventsOfStepMax));
    messages.push({ topicSuffix: 'events', payload, qos: 1, retain: false });
  }
  return messages;
};

export const telemetryMessage = (atMs: number, values: Record<string, number>): SimulatedMessage => ({
  topicSuffix: 'telemetry',
  payload: JSON.stringify({ time: isoTime(atMs), values }),
  qos: 1,
  retain: false,
});

export const statusMessage = (status: 'online' | 'offline'): SimulatedMessage => ({
  topicSuffix: 'status',
  payload: status,
  qos: 1,
  retain: true,
});
