/** Whether a stream's events may go after the retention time: telemetry may, registers, faults, orders and ratings stay. */
export const expires = (stream: string): boolean => stream.startsWith('telemetry-');

/** Where an event stands: with what is never dropped, or with its month (`2026-11`, UTC), which goes as a whole. */
export type Shelf = string;
export const keptShelf: Shelf = 'kept';

/** Thirteen months: a month can be compared with the same month a year ago. */
export const defaultRetentionDays = 400;

const dayMs = 86_400_000;
/** Nothing is put onto a month's shelf so shortly before it may be dropped: a writer that was held up must not miss it. */
const marginMs = dayMs;

interface Month {
  shelf: Shelf;
  startMs: number;
  endMs: number;
}

const monthAt = (ms: number, later = 0): Month => {
  const at = new Date(ms);
  const start = (months: number): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later + months, 1);
  return { shelf: new Date(start(0)).toISOString().slice(0, 7), startMs: start(0), endMs: start(1) };
};

/** First instant of a month's shelf and of the next one. */
export const shelfBounds = (month: Shelf): { startMs: number; endMs: number } => monthAt(Date.parse(`${month}-01`));

/** Months all of whose instants are older than the retention. */
export const isExpired = (month: Shelf, nowMs: number, retentionDays: number): boolean =>
  shelfBounds(month).endMs <= nowMs - retentionDays * dayMs;

/** The instant in front of a UUID version 8 or 7 (RFC 9562, 5.7 and 5.8); `undefined` for any other. */
const instantOf = (id: string): number | undefined => {
  const version = id.charCodeAt(14);
  if (version !== 0x38 && version !== 0x37) return undefined;
  return Number.parseInt(id.slice(0, 8), 16) * 65_536 + Number.parseInt(id.slice(9, 13), 16);
};

export interface Place {
  shelf: Shelf;
  /** Whether the same id may stand on another shelf, where no unique index would notice it. */
  mayStandElsewhere: boolean;
}

const kept: Place = { shelf: keptShelf, mayStandElsewhere: false };
const outside: Place = { shelf: keptShelf, mayStandElsewhere: true };

/**
 * Chooses the shelf of an event by its stream and the instant in its id, so that a message sent again comes to the
 * same shelf. Only months from the retention's begin to the next one have shelves: a clock gone wrong makes no others.
 * `shelvesSinceMs`: what is older may stand with what is kept, as everything did before there were shelves.
 */
export const createShelver = (retentionDays: number, shelvesSinceMs = 0) => {
  let month = monthAt(0);
  let [present, next] = [monthAt(0), monthAt(0)];
  const placeOf = (stream: string, id: string, nowMs: number): Place => {
    if (!expires(stream)) return kept;
    const ms = instantOf(id);
    if (ms === undefined) return kept;
    if (ms < month.startMs || ms >= month.endMs) month = monthAt(ms);
    if (nowMs < present.startMs || nowMs >= present.endMs) [present, next] = [monthAt(nowMs), monthAt(nowMs, 1)];
    const isOld = month.endMs - marginMs <= nowMs - retentionDays * dayMs;
    if (isOld || month.startMs > next.startMs) return outside;
    return { shelf: month.shelf, mayStandElsewhere: month.startMs > nowMs || ms < shelvesSinceMs };
  };
  return placeOf;
};

/** The shelves on which an id can be found. */
export const shelvesOfId = (id: string): Shelf[] => {
  const ms = instantOf(id);
  // Beyond the years of four digits no month has a shelf.
  return ms === undefined || ms > Date.UTC(9999, 11, 1) ? [keptShelf] : [keptShelf, monthAt(ms).shelf];
};
