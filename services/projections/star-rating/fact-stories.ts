import type { RatingFacts, WorkOrderFacts } from './facts.ts';
import type { KeptFact } from './fold.ts';

/** The kept facts of one stream, oldest first. */
type Story = readonly KeptFact[];

const stories = (facts: readonly KeptFact[]): Story[] => {
  const byStream = new Map<string, KeptFact[]>();
  for (const fact of [...facts].sort((a, b) => a.revision - b.revision)) {
    byStream.set(fact.stream, [...(byStream.get(fact.stream) ?? []), fact]);
  }
  return [...byStream.values()];
};

const timeOrNull = (instant: unknown): number | null => {
  const ms = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const timeOf = (story: Story, type: string): number | null => {
  const fact = story.find((candidate) => candidate.type === type);
  return fact === undefined ? null : Date.parse(fact.at);
};

const personsSteps = new Set(
  ['acknowledged', 'dispatched', 'arrived', 'resolved', 'closed', 'cancelled'].map((step) => `work-order.${step}`),
);

const workOrderOf = (story: Story): WorkOrderFacts | undefined => {
  const raised = story.find(({ type }) => type === 'work-order.raised');
  if (raised === undefined) return undefined;
  const { data } = raised;
  const deadlines = (data.deadlines ?? {}) as { onSite?: unknown; resolve?: unknown };
  const taken = story.find(({ type }) => personsSteps.has(type));
  // Reopening takes back that it was resolved and closed.
  const since = story.slice(story.findLastIndex(({ type }) => type === 'work-order.reopened') + 1);
  return {
    id: raised.stream,
    kind: textOrNull(data.kind),
    code: String(data.code ?? ''),
    priority: String(data.priority ?? ''),
    raisedAtMs: Date.parse(raised.at),
    late: data.late === true,
    dueOnSiteMs: timeOrNull(deadlines.onSite),
    dueResolveMs: timeOrNull(deadlines.resolve),
    acknowledgedAtMs: taken === undefined ? null : Date.parse(taken.at),
    arrivedAtMs: timeOf(story, 'work-order.arrived'),
    resolvedAtMs: timeOf(since, 'work-order.resolved'),
    closedAtMs: timeOf(since, 'work-order.closed'),
    cancelledAtMs: timeOf(since, 'work-order.cancelled'),
  };
};

const defined = <Item>(item: Item | undefined): item is Item => item !== undefined;

/** What the kept facts, up to one instant, tell of orders, meetings and whistles. */
export const tell = (
  facts: readonly KeptFact[],
  fromMs: number,
): Pick<RatingFacts, 'workOrders' | 'satisfactionScores' | 'meetings' | 'whistles' | 'platformReportsMs'> => {
  const all = stories(facts);
  const inWindow = (type: string): KeptFact[] =>
    facts.filter((fact) => fact.type === type && Date.parse(fact.at) >= fromMs);
  return {
    workOrders: all
      .map(workOrderOf)
      .filter(defined)
      .filter(({ raisedAtMs }) => raisedAtMs >= fromMs),
    satisfactionScores: inWindow('work-order.rated').flatMap(({ data }) =>
      typeof data.score === 'number' ? [data.score] : [],
    ),
    meetings: all.flatMap((story) => {
      const plannedForMs = timeOrNull(story.find(({ type }) => type === 'meeting.planned')?.data.plannedFor);
      return plannedForMs === null ? [] : [{ plannedForMs, heldAtMs: timeOf(story, 'meeting.held') }];
    }),
    whistles: all.flatMap((story) => {
      const blown = story.find(({ type }) => type === 'whistle.blown');
      if (blown === undefined || Date.parse(blown.at) < fromMs) return [];
      const dueAtMs = timeOrNull(blown.data.dueAt);
      return [{ blownAtMs: Date.parse(blown.at), dueAtMs, answeredAtMs: timeOf(story, 'whistle.answered') }];
    }),
    platformReportsMs: inWindow('platform.reported').map(({ at }) => Date.parse(at)),
  };
};
