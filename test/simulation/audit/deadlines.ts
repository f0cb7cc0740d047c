import type { Instants, Told } from './instants.ts';

export const steps = ['acknowledge', 'onSite', 'resolve'] as const;
export type Step = (typeof steps)[number];

interface Clocks {
  dueMs: Partial<Record<Step, number>>;
  done: Set<Step>;
  /** Nothing is left to be done in time: it is resolved, or over. */
  isQuiet: boolean;
  pause: { atMs: number; untilMs: number | undefined; stops: Step[] } | undefined;
  told: Set<string>;
}

const doneBy: Partial<Record<string, Step>> = { acknowledged: 'acknowledge', arrived: 'onSite' };
const instant = (at: unknown): number | undefined => (typeof at === 'string' ? Date.parse(at) : undefined);

const deadlinesOf = (data: Told['data']): Clocks['dueMs'] => {
  const deadlines = data.deadlines as Record<Step, string | null>;
  return Object.fromEntries(steps.flatMap((step) => (deadlines[step] ? [[step, Date.parse(deadlines[step])]] : [])));
};

/** A clock that ran as it was stopped runs on with what it had left; these clocks run day and night. */
const resume = ({ dueMs, pause }: Clocks, resumedMs: number): Clocks['dueMs'] =>
  Object.fromEntries(
    steps.flatMap((step) => {
      const due = dueMs[step];
      if (due === undefined) return [];
      const stood = pause?.stops.includes(step) && due > pause.atMs;
      return [[step, stood ? due + resumedMs - pause!.atMs : due]];
    }),
  );

/** The clocks after one event; `dueMs` of a stopped clock stays what it was until it runs again. */
const follow = (clocks: Clocks, { event, data }: Pick<Told, 'event' | 'data'>): void => {
  const what = event.type.slice('work-order.'.length);
  const done = doneBy[what];
  if (done !== undefined) clocks.done.add(done);
  if (what === 'raised') clocks.dueMs = deadlinesOf(data);
  if (what === 'paused') {
    clocks.pause = { atMs: instant(data.at)!, untilMs: instant(data.until), stops: data.stops as Step[] };
  }
  if (what === 'resumed') {
    clocks.dueMs = resume(clocks, instant(data.at)!);
    clocks.pause = undefined;
  }
  if (what === 'resolved' || what === 'closed' || what === 'cancelled') clocks.isQuiet = true;
  if (what === 'reopened') clocks.isQuiet = false;
};

const newClocks = (): Clocks => ({ dueMs: {}, done: new Set(), isQuiet: false, pause: undefined, told: new Set() });

const runs = ({ dueMs, done, isQuiet, pause }: Clocks, step: Step): boolean =>
  !isQuiet && dueMs[step] !== undefined && !done.has(step) && !pause?.stops.includes(step);

/** The hub's word that a clock ran out: of a clock that ran, once, and not before its time. */
const wordComplaints = (clocks: Clocks, { event, data, committedMs }: Told, order: string): string[] => {
  const what = event.type.slice('work-order.'.length);
  if (what === 'resumed') {
    const should = resume(clocks, instant(data.at)!);
    const says = deadlinesOf(data);
    const { untilMs } = clocks.pause ?? {};
    return [
      ...(steps.every((step) => says[step] === should[step])
        ? []
        : [`order ${order} is due ${JSON.stringify(says)} after its pause, by our count ${JSON.stringify(should)}`]),
      ...(event.meta.actor === 'policy:clock' && (untilMs === undefined || untilMs > committedMs)
        ? [`order ${order} was resumed by the hub before its time`]
        : []),
    ];
  }
  if (what !== 'overdue') return [];
  const { step, dueAt } = data as { step: Step; dueAt: string };
  const key = `${step} ${dueAt}`;
  const isRight =
    runs(clocks, step) &&
    Date.parse(dueAt) === clocks.dueMs[step] &&
    Date.parse(dueAt) <= committedMs &&
    !clocks.told.has(key);
  clocks.told.add(key);
  return isRight ? [] : [`position ${event.position}: order ${order} is not overdue for ${key}`];
};

/** What had to be said before something else was told of the order, or the simulation ended. */
const silenceComplaints = (clocks: Clocks, { committedMs, untilMs }: Told, order: string, when: Instants): string[] => {
  const isMissed = (dueMs: number): boolean => untilMs > when.latestMs(Math.max(dueMs, committedMs));
  const untold = steps.filter((step) => {
    const dueMs = clocks.dueMs[step];
    if (!runs(clocks, step) || dueMs === undefined) return false;
    return !clocks.told.has(`${step} ${new Date(dueMs).toISOString()}`) && isMissed(dueMs);
  });
  const endMs = clocks.isQuiet ? undefined : clocks.pause?.untilMs;
  return [
    ...untold.map(
      (step) => `order ${order}: ${step} ran out at ${new Date(clocks.dueMs[step]!).toISOString()} and was not told`,
    ),
    ...(endMs !== undefined && isMissed(endMs)
      ? [`order ${order}: its pause was over at ${new Date(endMs).toISOString()} and went on`]
      : []),
  ];
};

/** Each clock that ran out was told within its second, pauses count, and nothing else was told. */
export const auditDeadlines = (streams: ReadonlyMap<string, Told[]>, when: Instants) => {
  let told = 0;
  const complaints = [...streams].flatMap(([order, stream]) => {
    const clocks = newClocks();
    const found = stream.flatMap((one) => {
      const wrong = wordComplaints(clocks, one, order);
      follow(clocks, one);
      return [...wrong, ...silenceComplaints(clocks, one, order, when)];
    });
    told += clocks.told.size;
    return found;
  });
  return { complaints, told };
};

/** By when each step has to be done as it stands in the end; a clock that stands still has no such instant. */
export const deadlinesInForce = (stream: readonly Pick<Told, 'event' | 'data'>[]): Clocks['dueMs'] => {
  const clocks = newClocks();
  for (const one of stream) follow(clocks, one);
  const { dueMs, pause } = clocks;
  const runsOn = (step: Step): boolean => !pause?.stops.includes(step) || dueMs[step]! <= pause.atMs;
  return Object.fromEntries(
    steps.filter((step) => dueMs[step] !== undefined && runsOn(step)).map((step) => [step, dueMs[step]]),
  );
};
