import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { RoutingRules } from './fault-draft.ts';
import type { FaultPolicy } from './fault-policy.ts';
import { type BackTestWish, countUp, createReplay, type WouldRaise } from './fault-replay.ts';
import { heardTypes } from './fault-router.ts';
import type { Raised } from './order-events.ts';

const pageMax = 5_000;

export interface BackTest {
  from: string;
  to: string;
  /** It came to the end; else how far it came before it had used up its time or its events. */
  complete: boolean;
  until: string | null;
  events: number;
  proposed: WouldRaise;
  /** The policy in force, through the same replay. */
  current: WouldRaise;
  /** Orders that the router really raised in that time, whatever policy was in force then. */
  raised: { orders: number; byClass: Record<string, number>; byCompound: Record<string, number> };
}

interface Parts {
  log: Pick<EventLog, 'readAll'>;
  clock: Clock;
  rules: Omit<RoutingRules, 'policy'>;
  limits: { secondsMax: number; eventsMax: number };
}

const isFed = (type: string): boolean =>
  heardTypes.includes(type as (typeof heardTypes)[number]) || type.startsWith('maintenance.');

/**
 * What a policy would have raised, beside what the policy in force would have and what was raised. Faults that began
 * before `from` are followed from the log's beginning, so that they aren't taken for new ones.
 */
export const backTest = async (
  { log, clock, rules, limits }: Parts,
  policies: { proposed: FaultPolicy; current: FaultPolicy },
  wish: BackTestWish,
): Promise<BackTest> => {
  const proposed = createReplay({ ...rules, policy: policies.proposed }, wish);
  const current = createReplay({ ...rules, policy: policies.current }, wish);
  const raised: BackTest['raised'] = { orders: 0, byClass: {}, byCompound: {} };
  const endsMs = clock.now() + limits.secondsMax * 1000;
  const isWanted = (compound = ''): boolean => wish.compounds === undefined || wish.compounds.includes(compound);
  const noteReal = ({ type, data, meta }: RecordedEvent): void => {
    if (type !== 'work-order.raised' || meta.actor !== 'policy:fault-router' || meta.receivedAt < wish.from) return;
    raised.orders += 1;
    countUp(raised.byClass, (data as Raised).priority);
    countUp(raised.byCompound, (data as Raised).compound);
  };
  let position: Position | null = null;
  let events = 0;
  let until: string | null = null;
  const answer = (complete: boolean): BackTest => ({
    ...{ from: wish.from, to: wish.to, complete, until, events },
    ...{ proposed: proposed.result, current: current.result, raised },
  });
  for (;;) {
    const page: RecordedEvent[] = await log.readAll(position, pageMax);
    for (const event of page) {
      if (event.meta.receivedAt >= wish.to || !isWanted(event.meta.compound)) continue;
      noteReal(event);
      if (!isFed(event.type)) continue;
      await proposed.step(event);
      await current.step(event);
    }
    const last = page.at(-1);
    if (last === undefined || last.meta.receivedAt >= wish.to) break;
    position = last.position;
    until = last.meta.receivedAt;
    events += page.length;
    if (clock.now() >= endsMs || events >= limits.eventsMax) return answer(false);
  }
  const end = isoTime(Math.min(Date.parse(wish.to), clock.now()));
  await proposed.until(end);
  await current.until(end);
  return answer(true);
};
