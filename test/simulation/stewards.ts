import { Refusal } from '../../services/event-log/decider.ts';
import { workOrderStream } from '../../services/event-log/event.ts';
import { handleCommand } from '../../services/event-log/handle-command.ts';
import { workOrders } from '../../services/projections/work-order-board/queries.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { pauseReasons } from '../../services/work-orders/pause-reasons.ts';
import { type PersonCommand, workOrder } from '../../services/work-orders/work-order.ts';
import type { Chance } from './chance.ts';
import type { HubLife } from './hub-life.ts';
import type { Ledger } from './ledger.ts';
import type { Scheduler } from './scheduler.ts';

interface StewardParts {
  scheduler: Scheduler;
  chance: Chance;
  ledger: Ledger;
  hub(): HubLife | undefined;
  newId(): string;
  isOver(): boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const pauseFor = (chance: Chance, nowMs: number): PersonCommand => ({
  ...{ type: 'pause', at: isoTime(nowMs) },
  data: {
    reason: chance.pick(pauseReasons),
    ...(chance.hit(0.5) ? { until: isoTime(nowMs + Math.round(chance.between(0.2, 9) * 60) * minuteMs) } : {}),
  },
});

/** The usual next step, and now and then a foolish one. */
const wishFor = (state: string, chance: Chance, nowMs: number): PersonCommand => {
  if (chance.hit(0.15)) return pauseFor(chance, nowMs);
  if (chance.hit(0.08)) return { type: 'close', data: { outcome: 'repaired' } };
  if (chance.hit(0.02)) return { type: 'cancel', data: { reason: 'entered twice' } };
  switch (state) {
    case 'raised':
      return chance.hit(0.7) ? { type: 'acknowledge', data: {} } : { type: 'dispatch', data: { assignee: 'patrol' } };
    case 'acknowledged':
      return { type: 'dispatch', data: { assignee: chance.pick(['patrol', 'electrician']) } };
    case 'dispatched':
      return { type: 'arrive', data: {} };
    case 'on-site':
      return { type: 'resolve', data: { note: 'done' } };
    case 'paused':
      return chance.hit(0.8)
        ? { type: 'resume', at: isoTime(nowMs), data: {} }
        : { type: 'transfer', at: isoTime(nowMs), data: { assignee: 'electrician', reason: 'has time' } };
    default:
      if (chance.hit(0.05)) return { type: 'reopen', data: { reason: 'not done' } };
      return chance.hit(0.9)
        ? { type: 'close', data: { outcome: 'repaired' } }
        : { type: 'close', data: { outcome: chance.pick(['false-alarm', 'accepted-as-is']), note: 'looked at it' } };
  }
};

/** What the API does with a command: decide on the stream, append where it stood. */
const carryOut = async (parts: StewardParts, hub: HubLife, order: string, wish: PersonCommand, actor: string) => {
  const { scheduler, ledger } = parts;
  const atMs = scheduler.clock.now();
  const { outcome } = wish.data as { outcome?: string };
  const note = { order, command: wish.type, ...(outcome === undefined ? {} : { outcome }), atMs, actor };
  const entry = { ...note, answer: 'unknown' };
  ledger.commands.push(entry);
  const stream = workOrderStream(order);
  const first = (await hub.log.readStream(stream, { maxCount: 1 }))[0]!;
  const { compound, device, correlationId } = first.meta;
  try {
    await handleCommand(hub.log, {
      ...{ stream, decider: workOrder, command: wish, newId: parts.newId },
      meta: {
        ...{ occurredAt: new Date(atMs).toISOString(), actor },
        ...(compound === undefined ? {} : { compound }),
        ...(device === undefined ? {} : { device }),
        ...(correlationId === undefined ? {} : { correlationId }),
      },
    });
    entry.answer = 'done';
  } catch (error) {
    // Anything else than a refusal is an unknown outcome: the log was away.
    if (error instanceof Refusal) entry.answer = error.code;
  }
};

/** The people of one compound: they look at the board, which is behind, and do one thing about some of its orders; others they forget. */
export const startSteward = (parts: StewardParts, compound: string): void => {
  const { scheduler, chance, isOver } = parts;
  const actor = `user:steward-${compound}`;
  /** Until when an order slips somebody's mind. */
  const forgotten = new Map<string, number>();
  const isForgotten = (order: string): boolean => {
    const nowMs = scheduler.clock.now();
    const untilMs = forgotten.get(order) ?? (chance.hit(0.3) ? nowMs + chance.between(0.5, 30) * hourMs : nowMs);
    forgotten.set(order, untilMs);
    return untilMs > nowMs;
  };
  const round = async (): Promise<void> => {
    const hub = parts.hub();
    if (hub === undefined) return;
    const { rows } = await workOrders(hub.sql, { compound, state: 'open', limit: 50 });
    for (const { id, state } of rows) {
      if (!hub.alive() || isForgotten(id) || chance.hit(0.3)) continue;
      await carryOut(parts, hub, id, wishFor(state, chance, scheduler.clock.now()), actor);
      if (chance.hit(0.3)) await scheduler.sleep(chance.between(1_000, 5 * minuteMs));
    }
    if (chance.hit(0.1)) await rateOneOrder(parts, hub, compound, actor);
  };
  const next = (): void =>
    scheduler.after(chance.between(5, 90) * minuteMs, () => {
      if (isOver()) return;
      scheduler.spawn(() => round());
      next();
    });
  next();
};

const rateOneOrder = async (parts: StewardParts, hub: HubLife, compound: string, actor: string): Promise<void> => {
  const { rows } = await workOrders(hub.sql, { compound, state: 'closed', limit: 5 });
  if (rows.length === 0) return;
  const order = parts.chance.pick(rows);
  await carryOut(parts, hub, order.id, { type: 'rate', data: { score: parts.chance.whole(1, 5) } }, actor);
};
