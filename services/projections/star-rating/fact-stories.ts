import { disclosedItems } from '../../registry/records.ts';
import type { RatingFacts, WorkOrderFacts } from './facts.ts';
import type { KeptFact } from './fold.ts';

/** The kept facts of one stream, oldest first. */
type Story = readonly KeptFact[];

export const storiesIn = (facts: readonly KeptFact[]): Story[] => {
  const byStream = new Map<string, KeptFact[]>();
  for (const fact of [...facts].sort((a, b) => a.revision - b.revision)) {
    const own = byStream.get(fact.stream);
    if (own === undefined) byStream.set(fact.stream, [fact]);
    else own.push(fact);
  }
  return [...byStream.values()];
};

const timeOrNull = (instant: unknown): number | null => {
  const ms = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const timeOf = (story: Story, type: string): number | null => {
  return story.find((fact) => fact.type === type)?.atMs ?? null;
};

const personsSteps = new Set(
  ['acknowledged', 'dispatched', 'accepted', 'arrived', 'resolved', 'closed', 'cancelled'].map(
    (step) => `work-order.${step}`,
  ),
);

/** When a step is due by the clocks as they stand: a resumption has set them anew, and what waits is not due. */
const dueOf = (story: Story, raised: KeptFact, step: 'onSite' | 'resolve'): number | null => {
  const set = story.findLast(({ type }) => type === 'work-order.resumed') ?? raised;
  const dueMs = timeOrNull((set.data.deadlines as Record<string, unknown> | undefined)?.[step]);
  const paused = story.slice(story.indexOf(set) + 1).find(({ type }) => type === 'work-order.paused');
  if (dueMs === null || paused === undefined) return dueMs;
  const stops = Array.isArray(paused.data.stops) && paused.data.stops.includes(step);
  return stops && dueMs > (timeOrNull(paused.data.at) ?? Number.POSITIVE_INFINITY) ? null : dueMs;
};

const ordersOf = (story: Story): WorkOrderFacts[] => {
  const raised = story.find(({ type }) => type === 'work-order.raised');
  if (raised === undefined) return [];
  const { data } = raised;
  const taken = story.find(({ type }) => personsSteps.has(type));
  // Reopening takes back that it was resolved and closed.
  const since = story.slice(story.findLastIndex(({ type }) => type === 'work-order.reopened') + 1);
  const order = {
    id: raised.stream,
    device: textOrNull(data.device),
    deviceName: textOrNull(data.deviceName),
    kind: textOrNull(data.kind),
    code: String(data.code ?? ''),
    priority: String(data.priority ?? ''),
    raisedAtMs: raised.atMs,
    late: data.late === true,
    dueOnSiteMs: dueOf(story, raised, 'onSite'),
    dueResolveMs: dueOf(story, raised, 'resolve'),
    acknowledgedAtMs: taken?.atMs ?? null,
    arrivedAtMs: timeOf(story, 'work-order.arrived'),
    resolvedAtMs: timeOf(since, 'work-order.resolved'),
    closedAtMs: timeOf(since, 'work-order.closed'),
    cancelledAtMs: timeOf(since, 'work-order.cancelled'),
  };
  return [order];
};

const ratingsOf = ({ type, stream, atMs, data }: KeptFact): RatingFacts['residentRatings'] =>
  type === 'work-order.rated' && typeof data.score === 'number'
    ? [{ workOrder: stream, score: data.score, ratedAtMs: atMs }]
    : [];

const meetingsOf = (story: Story): RatingFacts['meetings'] => {
  const plannedForMs = timeOrNull(story.find(({ type }) => type === 'meeting.planned')?.data.plannedFor);
  if (plannedForMs === null) return [];
  return [{ id: story[0]!.stream, plannedForMs, heldAtMs: timeOf(story, 'meeting.held') }];
};

const whistlesOf = (story: Story): RatingFacts['whistles'] => {
  const blown = story.find(({ type }) => type === 'whistle.blown');
  if (blown === undefined) return [];
  const dueAtMs = timeOrNull(blown.data.dueAt);
  const answeredAtMs = timeOf(story, 'whistle.answered');
  const department = textOrNull(blown.data.department);
  return [{ id: blown.stream, department, blownAtMs: blown.atMs, dueAtMs, answeredAtMs }];
};

const disclosuresOf = (story: Story): RatingFacts['disclosures'] => {
  const published = story.find(({ type }) => type === 'disclosure.published');
  const item = disclosedItems.find((known) => known === published?.data.item);
  if (published === undefined || item === undefined || timeOf(story, 'disclosure.withdrawn') !== null) return [];
  const untilMs = timeOrNull(published.data.until);
  return [{ id: published.stream, item, publishedAtMs: published.atMs, untilMs }];
};

const reportsOf = ({ type, atMs }: KeptFact): number[] => (type === 'platform.reported' ? [atMs] : []);

/** What people put on record. */
export type Recorded = Pick<RatingFacts, 'workOrders' | 'residentRatings' | 'meetings' | 'whistles' | 'disclosures'>;

/** What facts of one stream tell, whenever they happened. */
export const tellStory = (story: Story): Recorded => ({
  workOrders: ordersOf(story),
  residentRatings: story.flatMap(ratingsOf),
  meetings: meetingsOf(story),
  whistles: whistlesOf(story),
  disclosures: disclosuresOf(story),
});

/** What the kept facts, up to one instant, tell of orders, meetings and whistles. */
export const tell = (facts: readonly KeptFact[], fromMs: number): Recorded & Pick<RatingFacts, 'platformReportsMs'> => {
  const all = storiesIn(facts);
  return {
    workOrders: all.flatMap(ordersOf).filter(({ raisedAtMs }) => raisedAtMs >= fromMs),
    residentRatings: facts.flatMap(ratingsOf).filter(({ ratedAtMs }) => ratedAtMs >= fromMs),
    meetings: all.flatMap(meetingsOf),
    whistles: all.flatMap(whistlesOf).filter(({ blownAtMs }) => blownAtMs >= fromMs),
    platformReportsMs: facts.flatMap(reportsOf).filter((ms) => ms >= fromMs),
    disclosures: all.flatMap(disclosuresOf),
  };
};
