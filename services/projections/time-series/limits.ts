/** Limits of the time series, with their reasons; `limits.test.ts` holds their relations. */

/** Thirteen months: a month can be compared with the same month a year ago. */
export const retentionDays = 400;
/** By then a device that was cut off for days has sent what it kept; later readings still go in, only slower. */
export const compressAfterDays = 7;
/** TimescaleDB's own jobs only catch what the hub left: the hub drops by whole months, up to 31 days later. */
export const jobRetentionDays = retentionDays + 31;
/** One chunk is compressed a week; a year makes 53 of them, which a query still plans in milliseconds. */
export const chunkDays = 7;
/** A hub that stands still over a holiday finds its partition; a missing one is made with the first reading. */
export const partitionsAheadMonths = 2;
/** How often the hub looks after the tables itself. */
export const maintainEverySeconds = 3_600;
/** Three rounds missed are no accident. */
export const overdueAfterSeconds = 3 * maintainEverySeconds;
/** The server's own compression job comes twice a day; the hub steps in when it missed a day. */
export const compressionGraceDays = 1;
/** A day is aggregated when it has been over for so long, so that its last readings need no second round. */
export const settleSeconds = 3_600;
/** Dropping or compressing waits this long for readers at most, because everybody else waits behind it. */
export const lockWaitSeconds = 5;
/** More points than any chart draws. */
export const bucketsMax = 10_000;

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Monday, 0:00 in UTC+8: days and weeks begin there, as they do all over China. */
export const binOriginMs = Date.UTC(2000, 0, 2, 16);
export const binOrigin = '2000-01-02T16:00:00Z';

const startOfMonth = (year: number, month: number): number => Date.UTC(year, month, 1);

/** Readings before this instant are dropped and no longer shown: the start of a month in UTC, on either storage. */
export const retentionBoundaryMs = (nowMs: number): number => {
  const oldest = new Date(nowMs - retentionDays * dayMs);
  return startOfMonth(oldest.getUTCFullYear(), oldest.getUTCMonth());
};
