import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { afterTry, type DeliveryState, diesAtMs, initialDelivery, type Outcome } from './delivery-state.ts';
import type { DeliveryStore, Waiting } from './delivery-store.ts';
import type { Verdict } from './verdict.ts';
import { persistently, waitUntil } from './wait-until.ts';

const batchMax = 200;
/** Where nothing was for the target, the position is only kept now and then: what was read is read again. */
const keepEveryMs = 5_000;
const retryMs = 1_000;
const replayEveryMs = 1_000;
const replaysMax = 50;

export interface CourierParts {
  target: string;
  log: Pick<EventLog, 'subscribe' | 'readStream'>;
  store: DeliveryStore;
  /** Where a target begins that nothing was delivered to yet. */
  from: Position | null;
  activeSinceMs: number;
  takes(event: RecordedEvent): boolean;
  /** One try. Rejects only when the signal aborts or the hub itself is in trouble. */
  deliver(event: RecordedEvent, signal: AbortSignal): Promise<Verdict>;
  clock: Clock;
  random(): number;
  logger: Logger;
  signal: AbortSignal;
}

const isOfOrder = (type: string): boolean => type.startsWith('work-order.');

/** Lets one work at a time through, in the order of the calls. */
const createTurn = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done.catch(() => undefined);
    return done;
  };
};

/** Where the target stands, and one try at a time. */
const createDesk = (parts: CourierParts, wait: typeof waitUntil) => {
  const { store, deliver, clock, random, logger, signal } = parts;
  const inTurn = createTurn();
  let state: DeliveryState = initialDelivery;
  let waiting: Waiting | null = null;
  let isOpen = false;

  const tryNow = async (event: RecordedEvent): Promise<{ outcome: Outcome; reason: string }> => {
    const nextTryMs = state.nextTryAt === null ? 0 : Date.parse(state.nextTryAt);
    const diesMs = diesAtMs(event, parts.activeSinceMs);
    const isDown = state.breaker === 'open';
    await wait(clock, isDown ? Math.min(nextTryMs, diesMs) : nextTryMs, signal);
    if (isDown && clock.now() >= diesMs && clock.now() < nextTryMs) {
      return { outcome: 'dead', reason: `not taken since ${state.failingSince}: ${state.lastAnswer}` };
    }
    const verdict = await deliver(event, signal);
    const after = afterTry(state, verdict, { nowMs: clock.now(), random });
    if (!verdict.taken && state.failures === 0)
      logger.warn({ target: parts.target, event: event.id, reason: verdict.reason }, 'a target took no work order');
    state = after.state;
    return { outcome: after.outcome, reason: state.lastAnswer ?? '' };
  };

  return {
    open: (): Promise<Position | null> =>
      inTurn(async () => {
        const stored = await store.load();
        state = stored ?? { ...initialDelivery, position: parts.from };
        if (stored === undefined) await store.save(state, null);
        isOpen = true;
        return state.position;
      }),
    /** Before it is open, nothing is known of the target that could be stored. */
    isOpen: () => isOpen,
    tryOnce: (event: RecordedEvent) => inTurn(() => tryNow(event)),
    /** Out of the log's order; the tries that are counted stay those of the event whose turn it is. */
    tryAgain: (event: RecordedEvent) =>
      inTurn(async () => {
        const { attempts } = state;
        const tried = await tryNow(event);
        const isDown = state.failures > 0;
        state = { ...state, attempts, nextTryAt: isDown ? state.nextTryAt : null };
        await store.save(state, waiting);
        return { ...tried, isDown };
      }),
    async moveTo(position: Position, next: Waiting | null): Promise<void> {
      state = { ...state, position };
      waiting = next;
      await store.save(state, waiting);
    },
    /** Keeps in memory alone how far was read without finding anything for the target. */
    readTo(position: Position): void {
      state = { ...state, position };
    },
    async wait(next: Waiting): Promise<void> {
      waiting = next;
      await store.save(state, waiting);
    },
  };
};

type Desk = ReturnType<typeof createDesk>;

/** Resolves once the event is taken or a dead letter. */
const handOver = async ({ store, clock }: CourierParts, desk: Desk, event: RecordedEvent, waiting: Waiting) => {
  for (;;) {
    const { outcome, reason } = await desk.tryOnce(event);
    if (outcome === 'dead') await store.bury(event, reason, clock.now());
    if (outcome !== 'again') return;
    await desk.wait(waiting);
  }
};

const follow = async (parts: CourierParts, desk: Desk): Promise<void> => {
  const { log, takes, clock, signal } = parts;
  const position = await desk.open();
  let keptMs = clock.now();
  for await (const events of log.subscribe(position, { signal, maxCount: batchMax, wants: isOfOrder })) {
    const own = events.filter((event) => isOfOrder(event.type) && takes(event));
    const waitingFrom = (index: number): Waiting | null => {
      const event = own[index];
      if (event === undefined) return null;
      const { id, type, meta } = event;
      return { event: id, type, since: meta.receivedAt, count: own.length - index, more: events.length >= batchMax };
    };
    for (const [index, event] of own.entries()) {
      await handOver(parts, desk, event, waitingFrom(index)!);
      await desk.moveTo(event.position, waitingFrom(index + 1));
    }
    const { position } = events.at(-1)!;
    if (own.length === 0 && clock.now() - keptMs < keepEveryMs) {
      desk.readTo(position);
      continue;
    }
    await desk.moveTo(position, null);
    keptMs = clock.now();
  }
};

/** Dead letters that somebody wished to be sent again. */
const replay = async ({ log, store, clock }: CourierParts, desk: Desk): Promise<void> => {
  if (!desk.isOpen()) return;
  for (const { eventId, stream, revision } of await store.wished(replaysMax)) {
    const [event] = await log.readStream(stream, { fromRevision: revision, maxCount: 1 });
    if (event?.id !== eventId) continue;
    const { outcome, reason, isDown } = await desk.tryAgain(event);
    if (outcome === 'taken') await store.raised(eventId, clock.now());
    else if (outcome === 'dead' || !isDown) await store.bury(event, reason, clock.now());
    // The others wait until the target is back.
    else return;
  }
};

/**
 * Brings one target its events, one at a time and in the log's order: an event that is not taken holds up those behind
 * it, and nobody else's. Where it stands is stored after each, so that a process that was killed goes on there and at
 * most says the last one again, with the same id.
 */
export const createCourier = (parts: CourierParts, wait: typeof waitUntil = waitUntil) => {
  const desk = createDesk(parts, wait);
  return { follow: () => follow(parts, desk), replay: () => replay(parts, desk) };
};

/** Carries on until the signal aborts. */
export const runCourier = async (parts: CourierParts): Promise<void> => {
  const { logger, signal, target } = parts;
  const courier = createCourier(parts);
  const failed = (error: unknown): void =>
    logger.error({ err: error, target }, 'telling a target work orders failed, trying again');
  await Promise.all([
    persistently(courier.follow, { everyMs: retryMs, signal, failed }),
    persistently(courier.replay, { everyMs: replayEveryMs, signal, failed }),
  ]);
};
