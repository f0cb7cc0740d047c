import { createHash } from 'node:crypto';
import { eventOf, type Fact } from '../event-log/decider.ts';
import { type NewEvent, type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { Raised, WorkOrderEvent } from './order-events.ts';
import { type RoundEvent, type RoundPlan, roundStream } from './round-events.ts';
import { type RoundState, rounds } from './rounds.ts';
import type { ServiceLevel } from './service-levels.ts';

export const roundState = (events: readonly RecordedEvent[]): RoundState =>
  events.reduce((state, event) => rounds.evolve(state, event as unknown as RoundEvent), rounds.initial);

/** Tells a repeat from another order, within an event's 64 letters. */
export const roundCause = (...source: string[]): string =>
  createHash('sha256').update(JSON.stringify(source)).digest('hex');

const checkList = ({ stops }: RoundPlan): string =>
  stops
    .map(({ title, checks }, index) => {
      const points = checks.map(({ zh, en }) => `   □ ${zh} / ${en}`);
      return [`${index + 1}. ${title.zh} / ${title.en}`, ...points].join('\n');
    })
    .join('\n')
    .slice(0, 2000);

const raisedFor = (
  plan: RoundPlan,
  round: string,
  { occurrence, until }: { occurrence: string; until: string },
  at: string,
): Raised => ({
  compound: plan.compound,
  code: 'round',
  lasting: false,
  title: { zh: `${plan.title.zh}（${occurrence}）`, en: `${plan.title.en} (${occurrence})` },
  text: checkList(plan),
  serviceLevel: 'planned-round',
  priority: 'P3',
  ...(plan.trade === undefined ? {} : { trade: plan.trade }),
  raisedAt: at,
  deadlines: { acknowledge: null, onSite: null, resolve: until },
  late: false,
  causedBy: roundCause(round, occurrence),
});

/**
 * What a plan of rounds has to say at an instant, with the orders that it raises: all with ids that follow from the
 * plan and the day, so that whoever says it again writes nothing twice. Pure.
 */
export const roundAppends = (round: string, stream: readonly RecordedEvent[], at: string): StreamAppend[] => {
  const state = roundState(stream);
  const facts = rounds.decide({ type: 'tick', round, at }, state);
  if (facts.length === 0 || state.plan === null) return [];
  const { plan } = state;
  const meta = { occurredAt: at, actor: 'policy:rounds', compound: plan.compound };
  const event = (fact: Fact, dueAt: string, ...source: string[]): NewEvent =>
    eventOf(
      eventId({ occurredAtMs: Date.parse(dueAt), device: roundStream(round), source: JSON.stringify(source) }),
      fact,
      meta,
    );
  const own: NewEvent[] = [];
  const orders: StreamAppend[] = [];
  for (const fact of facts) {
    if (fact.type !== 'round.started' && fact.type !== 'round.missed' && fact.type !== 'round.skipped') continue;
    const { occurrence, dueAt } = fact.data;
    own.push(event(fact, dueAt, fact.type, occurrence));
    if (fact.type !== 'round.started') continue;
    const raised = raisedFor(plan, round, fact.data, at);
    const sent: WorkOrderEvent[] =
      plan.assignee === undefined
        ? []
        : [
            { type: 'work-order.acknowledged', data: {} },
            { type: 'work-order.dispatched', data: { assignee: plan.assignee, by: 'assignment' } },
          ];
    const told: WorkOrderEvent[] = [{ type: 'work-order.raised', data: raised }, ...sent];
    orders.push({
      stream: workOrderStream(fact.data.order),
      expectedRevision: 'no-stream',
      events: told.map((order) => event(order, dueAt, 'order', occurrence, order.type)),
    });
  }
  return [{ stream: roundStream(round), expectedRevision: stream.at(-1)!.revision, events: own }, ...orders];
};

/** The order that a finding raises; `deadlines` and the rest of its clocks are the caller's. */
export const findingOf = (
  { plan, round, occurrence, stop }: { plan: RoundPlan; round: string; occurrence: string; stop: string },
  { note, level }: { note: string; level: Pick<ServiceLevel, 'id' | 'priority'> },
): Omit<Raised, 'raisedAt' | 'deadlines'> => {
  const { device, position, title } = plan.stops.find(({ id }) => id === stop)!;
  return {
    compound: plan.compound,
    ...(device === undefined ? {} : { device }),
    ...(position === undefined ? {} : { position }),
    code: 'round-finding',
    lasting: false,
    title: { zh: `巡检发现：${title.zh}`, en: `Found on a round: ${title.en}` },
    text: note,
    serviceLevel: level.id,
    priority: level.priority,
    ...(plan.trade === undefined ? {} : { trade: plan.trade }),
    late: false,
    causedBy: roundCause(round, occurrence, stop),
  };
};
