import type { RecordedEvent } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Ladder } from '../../work-orders/ladder/ladder.ts';
import { comingCards } from '../../work-orders/ladder/matter-clocks.ts';
import { type MatterEvent, matterOf, type Referred } from '../../work-orders/ladder/matter-events.ts';
import { type RecordEntry, recordEntry } from '../../work-orders/ladder/matter-records.ts';
import { evolveMatter, isOpenMatter, type MatterState, noMatter } from '../../work-orders/ladder/matter-state.ts';

/** When a department did what; a redo takes back that it had finished. */
export interface WhistleTimes {
  reportedInAt: string | null;
  returnedAt: string | null;
  finishedAt: string | null;
}

/** One matter as it stands, with all that its decider knows. Instants are ISO 8601 in UTC. */
export interface MatterRow extends MatterState {
  id: string;
  referred: Referred;
  times: Record<string, WhistleTimes>;
  changedAt: string;
  closedAt: string | null;
  /** When the hub has a card to show. */
  timerAt: string | null;
  /** Entries that are still to come into the compound's record. */
  records: RecordEntry[];
  /** Matters sorted by this as text: open ones first by level and next card, then the ended ones, newest first. */
  sortKey: string;
  /** Newest event of the matter's stream that the row has seen. */
  revision: number;
}

/** The last moment that fits into the digits of a sort key. */
const latestMs = 9_999_999_999_999;

const sortKeyOf = (row: MatterRow): string => {
  // The highest level first.
  if (isOpenMatter(row)) return ['0', 9 - Number(row.level?.[1] ?? 0), row.timerAt ?? '~', row.id].join('|');
  const age = latestMs - Date.parse(row.closedAt ?? row.referred.referredAt);
  return ['1', String(age).padStart(13, '0'), row.id].join('|');
};

const noTimes: WhistleTimes = { reportedInAt: null, returnedAt: null, finishedAt: null };

const timesAfter = (times: MatterRow['times'], event: MatterEvent, at: string): MatterRow['times'] => {
  const stamp = (whistle: string, change: Partial<WhistleTimes>): MatterRow['times'] => ({
    ...times,
    [whistle]: { ...(times[whistle] ?? noTimes), ...change },
  });
  switch (event.type) {
    case 'matter.reported-in':
      return stamp(event.data.whistle, { reportedInAt: at });
    case 'matter.whistle-returned':
      return stamp(event.data.whistle, { returnedAt: at });
    case 'matter.whistle-finished':
      return stamp(event.data.whistle, { finishedAt: at });
    case 'matter.redo-asked':
      return stamp(event.data.whistle, { finishedAt: null });
    default:
      return times;
  }
};

const firstRow = (id: string, referred: Referred): MatterRow => ({
  ...noMatter,
  id,
  referred,
  times: {},
  changedAt: referred.referredAt,
  closedAt: null,
  timerAt: null,
  records: [],
  sortKey: '',
  revision: -1,
});

/** The row after one event of its stream; an event that it has seen changes nothing. */
export const evolveMatterRow = (
  row: MatterRow | undefined,
  recorded: RecordedEvent,
  ladder: Ladder,
): MatterRow | undefined => {
  if (row !== undefined && recorded.revision <= row.revision) return row;
  const event = recorded as RecordedEvent & MatterEvent;
  const before = row ?? (event.type === 'matter.referred' ? firstRow(matterOf(recorded), event.data) : undefined);
  if (before === undefined) return undefined;
  const at = recorded.meta.occurredAt;
  const entry = recordEntry(recorded, before, ladder);
  const after: MatterRow = {
    ...before,
    ...evolveMatter(before, event),
    referred: before.referred,
    times: timesAfter(before.times, event, at),
    changedAt: at,
    records: entry === undefined ? before.records : [...before.records, entry],
    revision: recorded.revision,
  };
  after.closedAt = isOpenMatter(after) ? null : (before.closedAt ?? at);
  const [next] = comingCards(after, ladder);
  after.timerAt = next === undefined ? null : isoTime(next.atMs);
  after.sortKey = sortKeyOf(after);
  return after;
};

/** Its entry stands in the record now. */
export const withoutRecord = (row: MatterRow, eventId: string): MatterRow => ({
  ...row,
  records: row.records.filter(({ event }) => event.id !== eventId),
});
