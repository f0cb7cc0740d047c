import {
  between,
  eventMessages,
  happens,
  localDay,
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

export interface CameraState extends Pace {
  /** It looks at a drive and reads the plates that pass. */
  readsPlates: boolean;
  offlineUntilMs: number | undefined;
  coveredUntilMs: number | undefined;
  /** Days of recordings that its recorder holds; settled at the first step. */
  retainedDays: number | undefined;
  retentionReportedOn: string | undefined;
  nextProbeMs: number;
}

const probeEveryMs = 5 * 60_000;
const probeEveryMsMin = 30_000;

const objectsPerHour = (hour: number): number => (hour >= 6 && hour < 23 ? 12 : 2);

const trackedObjects = (state: CameraState, step: SimulationStep): SimulatedEvent[] => {
  const { random, nowMs } = step;
  return momentsOf(state, step, objectsPerHour(localHour(state, nowMs))).map((atMs) => ({
    type: 'camera.analytics-reported',
    atMs,
    data: {
      analytic: 'tracked-object',
      active: true,
      objects: [pick(random, ['person', 'person', 'car', 'e-bike', 'dog'])],
      zones: ['entrance'],
      trackedObject: `${atMs.toString(36)}-${between(random, 100, 999)}`,
      confidence: between(random, 0.6, 0.99, 2),
    },
  }));
};

const platesRead = (state: CameraState, step: SimulationStep): SimulatedEvent[] => {
  const { random, nowMs } = step;
  if (!state.readsPlates) return [];
  return momentsOf(state, step, objectsPerHour(localHour(state, nowMs))).map((atMs) => ({
    type: 'gate.credential-seen',
    atMs,
    data: {
      credential: { method: 'plate', reference: `沪A${between(random, 10_000, 99_999)}` },
      direction: pick(random, ['in', 'out']),
      confidence: between(random, 0.7, 0.99, 2),
    },
  }));
};

/** What a guard would want to look at. */
const incidents = (state: CameraState, step: SimulationStep): SimulatedEvent[] =>
  (
    [
      ['line-crossed', 1 / 12, 'east-fence'],
      ['object-thrown', 1 / 200, 'facade'],
      ['loitering', 1 / 48, 'entrance'],
    ] as const
  ).flatMap(([analytic, perHour, rule]) =>
    momentsOf(state, step, perHour).map((atMs) => ({
      type: 'camera.analytics-reported',
      atMs,
      data: { analytic, active: true, severity: 'alert', rule, confidence: between(step.random, 0.7, 0.99, 2) },
    })),
  );

const sceneChanged = (active: boolean, atMs: number): SimulatedEvent => ({
  type: 'camera.scene-changed',
  atMs,
  data: { cause: 'image-too-dark', active },
});

const stepScene = (state: CameraState, step: SimulationStep): [CameraState, SimulatedEvent[]] => {
  const { nowMs } = step;
  if (state.coveredUntilMs !== undefined) {
    if (nowMs < state.coveredUntilMs) return [state, []];
    return [{ ...state, coveredUntilMs: undefined }, [sceneChanged(false, nowMs)]];
  }
  if (!happens(state, step, 1 / 400)) return [state, []];
  return [{ ...state, coveredUntilMs: minutesFrom(state, step, 20, 120) }, [sceneChanged(true, nowMs)]];
};

const stepProbe = (state: CameraState, step: SimulationStep): [CameraState, SimulatedEvent[]] => {
  const { nowMs, random } = step;
  if (nowMs < state.nextProbeMs) return [state, []];
  const ok = state.coveredUntilMs === undefined && random() > 0.01;
  const data = ok ? { ok } : { ok, text: 'The picture is black.' };
  const nextProbeMs = nowMs + Math.max(probeEveryMs / state.speed, probeEveryMsMin);
  return [{ ...state, nextProbeMs }, [{ type: 'camera.picture-probed', atMs: nowMs, data }]];
};

/** Once a day. One recorder in twenty has too small a disk for the thirty days that are due. */
const stepRetention = (state: CameraState, step: SimulationStep): [CameraState, SimulatedEvent[]] => {
  const { nowMs, random } = step;
  const today = localDay(state, nowMs);
  if (state.retentionReportedOn === today) return [state, []];
  const retainedDays = state.retainedDays ?? (random() < 0.05 ? between(random, 20, 29) : between(random, 30, 45));
  const data = { retainedDays, oldestRetrievableDay: localDay(state, nowMs, retainedDays) };
  const said = { type: 'camera.retention-reported', atMs: nowMs, data };
  return [{ ...state, retainedDays, retentionReportedOn: today }, [said]];
};

const stepOnline = (before: CameraState, step: SimulationStep): [CameraState, SimulatedEvent[]] => {
  const [afterScene, sceneEvents] = stepScene(before, step);
  const [afterProbe, probeEvents] = stepProbe(afterScene, step);
  const [after, retentionEvents] = stepRetention(afterProbe, step);
  const seen = [...trackedObjects(before, step), ...platesRead(before, step), ...incidents(before, step)];
  return [after, [...seen, ...sceneEvents, ...probeEvents, ...retentionEvents]];
};

export const simulator: Simulator<CameraState> = {
  kind: 'camera',
  start: (options) => ({
    ...paceOf(options),
    readsPlates: options?.variant === 'plate-reader',
    offlineUntilMs: undefined,
    coveredUntilMs: undefined,
    retainedDays: undefined,
    retentionReportedOn: undefined,
    nextProbeMs: 0,
  }),
  simulate(before, step) {
    const { nowMs } = step;
    const { offlineUntilMs } = before;
    if (offlineUntilMs !== undefined && nowMs < offlineUntilMs) {
      return { state: { ...before, lastMs: nowMs }, messages: [] };
    }
    // About once in six days the camera is gone for a while; nothing of it is heard until it is back.
    if (offlineUntilMs === undefined && happens(before, step, 1 / 150)) {
      const state = { ...before, lastMs: nowMs, offlineUntilMs: minutesFrom(before, step, 15, 180) };
      return { state, messages: [statusMessage('offline')] };
    }
    const isBack = before.lastMs === undefined || offlineUntilMs !== undefined;
    // What happened while it was gone, it did not see.
    const pace = isBack ? { ...before, offlineUntilMs: undefined, lastMs: undefined } : before;
    const [after, events] = stepOnline(pace, step);
    return {
      state: { ...after, lastMs: nowMs },
      messages: [...(isBack ? [statusMessage('online')] : []), ...eventMessages(events)],
    };
  },
};
