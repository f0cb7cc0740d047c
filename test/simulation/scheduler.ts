import type { Clock } from '../../services/runtime/clock.ts';

interface Task {
  atMs: number;
  order: number;
  run(): void;
}

/** Event loop turns without anything happening after which nothing more will: the longest chain seen takes two. */
const quietTurns = 3;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap by time, then by the order in which tasks were set. */
const createHeap = () => {
  const tasks: Task[] = [];
  const swap = (a: number, b: number): void => {
    [tasks[a], tasks[b]] = [tasks[b]!, tasks[a]!];
  };
  return {
    first: (): Task | undefined => tasks[0],
    push(task: Task): void {
      let at = tasks.push(task) - 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(tasks[at]!, tasks[parent]!)) break;
        swap(at, parent);
        at = parent;
      }
    },
    shift(): void {
      const last = tasks.pop()!;
      if (tasks.length === 0) return;
      tasks[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < tasks.length && isBefore(tasks[left]!, tasks[least]!)) least = left;
        if (right < tasks.length && isBefore(tasks[right]!, tasks[least]!)) least = right;
        if (least === at) return;
        swap(at, least);
        at = least;
      }
    },
  };
};

/**
 * Virtual time. A task runs at its instant, then everything that follows from it (promises, streams, SQL) is waited for
 * before the next task: so nothing depends on how fast this machine is.
 */
export const createScheduler = (startMs: number) => {
  const heap = createHeap();
  let nowMs = startMs;
  let order = 0;
  let activity = 0;
  const idleSteps: (() => Promise<boolean>)[] = [];
  const failures: unknown[] = [];

  const at = (atMs: number, run: () => void): void => {
    order += 1;
    heap.push({ atMs: Math.max(Math.ceil(atMs), nowMs), order, run });
  };

  const settle = async (): Promise<void> => {
    for (;;) {
      const seen = activity;
      for (let count = 0; count < quietTurns; count += 1) await turn();
      if (activity !== seen) continue;
      let stepped = false;
      for (const step of idleSteps) stepped = stepped || (await step());
      if (!stepped) return;
    }
  };

  const clock: Clock = { now: () => nowMs };
  const spawn = (work: () => Promise<void>): void => {
    activity += 1;
    work().catch((error: unknown) => failures.push(error));
  };
  const run = async (untilMs: number, isDone: () => boolean = () => false): Promise<void> => {
    await settle();
    for (let next = heap.first(); next !== undefined && next.atMs <= untilMs; next = heap.first()) {
      if (failures.length > 0) throw failures[0];
      if (isDone()) return;
      heap.shift();
      nowMs = next.atMs;
      const before = activity;
      next.run();
      if (activity !== before) await settle();
    }
    if (failures.length > 0) throw failures[0];
    if (!isDone()) nowMs = Math.max(nowMs, untilMs);
  };
  return {
    clock,
    at,
    after: (delayMs: number, run: () => void): void => at(nowMs + delayMs, run),
    sleep: (delayMs: number): Promise<void> =>
      new Promise((resolve) => {
        at(nowMs + delayMs, () => {
          activity += 1;
          resolve();
        });
      }),
    /** Something happened from which more may follow within this instant. */
    touch(): void {
      activity += 1;
    },
    /** Called when all else is quiet; answers whether it did anything. */
    whenIdle(step: () => Promise<boolean>): void {
      idleSteps.push(step);
    },
    /** A process of the simulated world: what it throws ends the simulation. */
    spawn,
    /** Runs all tasks up to that instant, or until `isDone`. */
    run,
    /** Runs on until `work` is done, however long it takes. */
    async carryOut(work: () => Promise<void>): Promise<void> {
      let isDone = false;
      spawn(async () => {
        await work();
        isDone = true;
      });
      await run(Number.MAX_SAFE_INTEGER, () => isDone);
    },
  };
};

export type Scheduler = ReturnType<typeof createScheduler>;
