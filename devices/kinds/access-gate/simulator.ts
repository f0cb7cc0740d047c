import {
  between,
  eventMessages,
  happens,
  localHour,
  minutesFrom,
  momentsOf,
  type Pace,
  paceOf,
  pick,
  type SimulatedEvent,
  type SimulationStep,
  type Simulator,
  statusMessage,
} from '../../simulator.ts';

export interface GateState extends Pace {
  /** A reader whose lock is decided elsewhere: it says what it saw, not who went through. */
  isReader: boolean;
  /** Open against the rules, until somebody shuts it. */
  openUntilMs: number | undefined;
  readerRepairedAtMs: number | undefined;
  nextSeenMs: number;
}

const seenEveryMs = 5 * 60_000;
const residents = 900;

/** People leave between seven and nine and come home between five and eight in the evening. */
const passagesPerHour = (hour: number): number => {
  if (hour >= 7 && hour < 9) return 90;
  if (hour >= 17 && hour < 20) return 80;
  return hour >= 6 && hour < 23 ? 20 : 2;
};

const credentialOf = (random: () => number): Record<string, unknown> => {
  const method = pick(random, ['face', 'face', 'face', 'card', 'card', 'plate', 'code', 'phone']);
  return { method, reference: `resident-${between(random, 1, residents)}` };
};

const passages = (state: GateState, step: SimulationStep): SimulatedEvent[] => {
  const { random, nowMs } = step;
  const hour = localHour(state, nowMs);
  const outShare = hour < 12 ? 0.75 : 0.3;
  return momentsOf(state, step, passagesPerHour(hour)).map((atMs) => {
    const credential = credentialOf(random);
    const direction = random() < outShare ? 'out' : 'in';
    if (state.isReader) return { type: 'gate.credential-seen', atMs, data: { credential, direction } };
    if (random() >= 0.02) {
      return {
        type: 'gate.passed',
        atMs,
        data: { credential, direction, door: 'main', confidence: between(random, 0.85, 1, 2) },
      };
    }
    const reason = pick(random, ['unknown-credential', 'expired', 'blocked', 'outside-schedule']);
    return { type: 'gate.denied', atMs, data: { credential, direction, door: 'main', reason } };
  });
};

const doorChanged = (state: 'open' | 'closed', atMs: number): SimulatedEvent => ({
  type: 'gate.door-changed',
  atMs,
  data: { state, door: 'main' },
});

/** About once in ten days the door is forced, once in three it is held open; each time it is shut again. */
const stepDoor = (state: GateState, step: SimulationStep): [GateState, SimulatedEvent[]] => {
  const { nowMs } = step;
  if (state.openUntilMs !== undefined) {
    if (nowMs < state.openUntilMs) return [state, []];
    return [{ ...state, openUntilMs: undefined }, [doorChanged('closed', nowMs)]];
  }
  const forced = happens(state, step, 1 / 240);
  if (!forced && !happens(state, step, 1 / 72)) return [state, []];
  const type = forced ? 'gate.forced-open' : 'gate.held-open';
  const openUntilMs = minutesFrom(state, step, forced ? 10 : 4, forced ? 40 : 12);
  return [{ ...state, openUntilMs }, [doorChanged('open', nowMs), { type, atMs: nowMs, data: { door: 'main' } }]];
};

const readerFault = { code: 'reader-failure', component: 'reader-1' };

const stepReader = (state: GateState, step: SimulationStep): [GateState, SimulatedEvent[]] => {
  const { nowMs } = step;
  if (state.readerRepairedAtMs !== undefined) {
    if (nowMs < state.readerRepairedAtMs) return [state, []];
    const cleared = { type: 'device.fault-cleared', atMs: nowMs, data: readerFault };
    return [{ ...state, readerRepairedAtMs: undefined }, [cleared]];
  }
  if (!happens(state, step, 1 / 500)) return [state, []];
  const raised = {
    type: 'device.fault-raised',
    atMs: nowMs,
    data: { ...readerFault, text: 'The card reader does not answer.' },
  };
  return [{ ...state, readerRepairedAtMs: minutesFrom(state, step, 30, 180) }, [raised]];
};

export const simulator: Simulator<GateState> = {
  kind: 'access-gate',
  start: (options) => ({
    ...paceOf(options),
    isReader: options?.variant === 'reader',
    openUntilMs: undefined,
    readerRepairedAtMs: undefined,
    nextSeenMs: 0,
  }),
  simulate(before, step) {
    const { nowMs } = step;
    const isFirst = before.lastMs === undefined;
    const [afterDoor, doorEvents] = stepDoor(before, step);
    const [afterReader, readerEvents] = stepReader(afterDoor, step);
    // While the reader is out of order nobody is let through by it.
    const passed = before.readerRepairedAtMs === undefined ? passages(before, step) : [];
    const isDue = nowMs >= before.nextSeenMs;
    const events = [
      ...(isFirst ? [doorChanged('closed', nowMs)] : []),
      ...passed,
      ...doorEvents,
      ...readerEvents,
      ...(isDue ? [{ type: 'device.seen', atMs: nowMs, data: {} }] : []),
    ];
    return {
      state: { ...afterReader, lastMs: nowMs, nextSeenMs: isDue ? nowMs + seenEveryMs : before.nextSeenMs },
      messages: [...(isFirst ? [statusMessage('online')] : []), ...eventMessages(events)],
    };
  },
};
