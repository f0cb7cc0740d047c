import {
  between,
  elapsedMs,
  eventMessages,
  happens,
  localHour,
  minutesFrom,
  type Pace,
  paceOf,
  pick,
  type SimulatedEvent,
  type SimulationStep,
  type Simulator,
  statusMessage,
} from '../../simulator.ts';

interface Session {
  id: string;
  credential: string;
  powerW: number;
  meterStartWh: number;
  wantedWh: number;
  nextMeteredMs: number;
}

export interface ConnectorState {
  connector: number;
  meterWh: number;
  session: Session | undefined;
  fault: { code: string; repairedAtMs: number } | undefined;
}

/** What is plugged in: the power it draws and how much it wants. */
const plugged = {
  car: { powersW: [3_500, 7_000, 7_000, 11_000], wantedWh: [6_000, 45_000] },
  'e-bike': { powersW: [120, 180, 240], wantedWh: [300, 1_200] },
} as const;
type Plugged = keyof typeof plugged;

export interface PostState extends Pace {
  variant: Plugged;
  connectors: readonly ConnectorState[];
  nextSeenMs: number;
}

const seenEveryMs = 5 * 60_000;
const meteredEveryMs = 5 * 60_000;
const meteredEveryMsMin = 15_000;

/** Cars are plugged in after work and charge through the night. */
const startsPerHour = (hour: number): number => {
  if (hour >= 18 && hour < 23) return 0.5;
  return hour >= 23 || hour < 6 ? 0.12 : 0.06;
};

const statusChanged = (connector: number, status: string, atMs: number): SimulatedEvent => ({
  type: 'charging.status-changed',
  atMs,
  data: { connector, status },
});

const startSession = (
  state: ConnectorState,
  post: PostState,
  step: SimulationStep,
): [ConnectorState, SimulatedEvent[]] => {
  const { nowMs, random } = step;
  if (!happens(post, step, startsPerHour(localHour(post, nowMs)))) return [state, []];
  const { powersW, wantedWh } = plugged[post.variant];
  const { connector } = state;
  const meterStartWh = Math.round(state.meterWh);
  const session: Session = {
    id: `${nowMs.toString(36)}-${connector}`,
    credential: `card-${between(random, 1, 400)}`,
    powerW: pick<number>(random, powersW),
    meterStartWh,
    wantedWh: between(random, wantedWh[0], wantedWh[1]),
    nextMeteredMs: nowMs,
  };
  const data = { connector, session: session.id, credential: session.credential, meterStartWh, reason: 'local' };
  return [
    { ...state, session },
    [
      statusChanged(connector, 'preparing', nowMs),
      { type: 'charging.session-started', atMs: nowMs, data },
      statusChanged(connector, 'charging', nowMs),
    ],
  ];
};

const sessionEnded = (state: ConnectorState, session: Session, reason: string, atMs: number): SimulatedEvent => {
  const meterStopWh = Math.round(state.meterWh);
  const { connector } = state;
  const energyWh = meterStopWh - session.meterStartWh;
  return {
    type: 'charging.session-ended',
    atMs,
    data: { connector, session: session.id, meterStopWh, energyWh, reason },
  };
};

const metered = (state: ConnectorState, session: Session, { random, nowMs }: SimulationStep): SimulatedEvent => {
  const voltageV = between(random, 218, 232, 1);
  const values = {
    energyWh: Math.round(state.meterWh),
    powerW: session.powerW,
    voltageV,
    currentA: Number((session.powerW / voltageV).toFixed(1)),
  };
  return { type: 'charging.metered', atMs: nowMs, data: { connector: state.connector, session: session.id, values } };
};

/** What a post in a compound's garage most often trips on. */
const faults = [
  { code: 'over-temperature', text: 'The plug is hotter than 90 °C.' },
  { code: 'over-current', text: 'The car draws more than the cable bears.' },
];

const stepCharging = (
  before: ConnectorState,
  session: Session,
  pace: Pace,
  step: SimulationStep,
): [ConnectorState, SimulatedEvent[]] => {
  const { nowMs, random } = step;
  const addedWh = (session.powerW * elapsedMs(pace, nowMs) * pace.speed) / 3_600_000;
  const limitWh = session.meterStartWh + session.wantedWh;
  const state = { ...before, meterWh: Math.min(before.meterWh + addedWh, limitWh) };
  const { connector } = state;
  if (happens(pace, step, 1 / 60)) {
    const { code, text } = pick(random, faults);
    const raised = {
      type: 'device.fault-raised',
      atMs: nowMs,
      data: { code, text, component: `connector-${connector}` },
    };
    const fault = { code, repairedAtMs: minutesFrom(pace, step, 20, 120) };
    const ended = sessionEnded(state, session, 'other', nowMs);
    return [{ ...state, session: undefined, fault }, [raised, ended, statusChanged(connector, 'faulted', nowMs)]];
  }
  if (state.meterWh >= limitWh) {
    const ended = sessionEnded(state, session, 'ev-disconnected', nowMs);
    const statuses = ['finishing', 'available'].map((status) => statusChanged(connector, status, nowMs));
    return [{ ...state, session: undefined }, [ended, ...statuses]];
  }
  if (nowMs < session.nextMeteredMs) return [state, []];
  const nextMeteredMs = nowMs + Math.max(meteredEveryMs / pace.speed, meteredEveryMsMin);
  return [{ ...state, session: { ...session, nextMeteredMs } }, [metered(state, session, step)]];
};

const stepConnector = (
  state: ConnectorState,
  post: PostState,
  step: SimulationStep,
): [ConnectorState, SimulatedEvent[]] => {
  const { nowMs } = step;
  const { connector, fault, session } = state;
  if (fault !== undefined) {
    if (nowMs < fault.repairedAtMs) return [state, []];
    const data = { code: fault.code, component: `connector-${connector}` };
    const cleared = { type: 'device.fault-cleared', atMs: nowMs, data };
    return [{ ...state, fault: undefined }, [cleared, statusChanged(connector, 'available', nowMs)]];
  }
  return session === undefined ? startSession(state, post, step) : stepCharging(state, session, post, step);
};

export const simulator: Simulator<PostState> = {
  kind: 'charging-post',
  start: (options) => ({
    ...paceOf(options),
    variant: options?.variant === 'e-bike' ? 'e-bike' : 'car',
    connectors: [1, 2].map((connector) => ({ connector, meterWh: 0, session: undefined, fault: undefined })),
    nextSeenMs: 0,
  }),
  simulate(before, step) {
    const { nowMs } = step;
    const isFirst = before.lastMs === undefined;
    const stepped = before.connectors.map((connector) => stepConnector(connector, before, step));
    const isDue = nowMs >= before.nextSeenMs;
    const events = [
      ...(isFirst ? before.connectors.map(({ connector }) => statusChanged(connector, 'available', nowMs)) : []),
      ...stepped.flatMap(([, said]) => said),
      ...(isDue ? [{ type: 'device.seen', atMs: nowMs, data: {} }] : []),
    ];
    return {
      state: {
        ...before,
        lastMs: nowMs,
        connectors: stepped.map(([connector]) => connector),
        nextSeenMs: isDue ? nowMs + seenEveryMs : before.nextSeenMs,
      },
      messages: [...(isFirst ? [statusMessage('online')] : []), ...eventMessages(events)],
    };
  },
};
