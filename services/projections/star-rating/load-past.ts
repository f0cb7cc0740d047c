import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { gatherPast, type Part } from './gather-past.ts';
import { type KeptMonths, keptMonths, readMonths } from './kept-months.ts';
import { modelsSilentWithinADay } from './kind-silence.ts';
import {
  allHours,
  type CompoundPast,
  countCutsOf,
  firstWindowMs,
  innerDaysOf,
  lowMsOf,
  meetingsBackMs,
  type Stretch,
} from './past.ts';
import { pastStatement } from './past-statement.ts';
import { starRatingProjection } from './projection.ts';

/** A past, and the oldest transaction that was under way when it was read: what came later is of it or of a younger one. */
export interface LoadedPast {
  past: CompoundPast;
  oldestUnderWay: string;
}

interface PastWanted {
  compound: string;
  stretch: Stretch;
  known?: LoadedPast | undefined;
  /** What was told in these months is read elsewhere. */
  months?: KeptMonths;
}

const noBytes = new Uint8Array();

const readPast = async (sql: Sql, { compound, stretch, known, months }: PastWanted) => {
  // Days that lie within every window are counted apart, which kept months know nothing of.
  const inner = months === undefined ? innerDaysOf(stretch) : { fromMs: 0, toMs: 0 };
  const cuts = countCutsOf(stretch);
  const cutsAlike = stretch.summedAlike ? cuts : [];
  const lowMs = months?.fromMs ?? lowMsOf(stretch);
  const isSince = known !== undefined;
  const statement = {
    name: `load-past ${isSince ? 'since' : 'of all'} ${cutsAlike}`,
    text: pastStatement({ cutsAlike, isSince }),
  };
  const { rows: parts } = await sql.query<Part & { bytes: Buffer | null }>(statement, [
    compound,
    isoTime(months?.untilMs ?? lowMs),
    isoTime(stretch.toMs + 1),
    isoTime(months?.untilMs ?? firstWindowMs(stretch)),
    isoTime(inner.fromMs),
    isoTime(inner.toMs),
    cuts,
    [0, ...allHours.map((hour) => hour + 1)],
    stretch.summedAlike ? isoTime(stretch.fromMs) : null,
    modelsSilentWithinADay,
    starRatingProjection.name,
    isoTime(lowMs),
    isoTime(stretch.fromMs - meetingsBackMs),
    ...(known === undefined ? [] : [known.oldestUnderWay]),
  ]);
  return { innerFromMs: inner.fromMs, told: parts.map((part) => ({ told: [part], bytes: part.bytes ?? noBytes })) };
};

/**
 * Reads what the tables hold of a compound for the instants of a stretch of time; of devices that have told nothing since
 * `known` was read, for the same stretch, that is taken over.
 */
export const loadPastSince = async (
  sql: Sql,
  compound: string,
  stretch: Stretch,
  known?: LoadedPast,
): Promise<LoadedPast> => {
  const { told: parts, innerFromMs } = await readPast(sql, { compound, stretch, known });
  const { past, told, oldestUnderWay } = gatherPast(compound, parts, innerFromMs);
  for (const [device, own] of known?.past.devices ?? []) if (!told.has(device)) past.devices.set(device, own);
  for (const row of known?.past.register ?? [])
    if (row.device !== null && !told.has(row.device)) past.register.push(row);
  return { past, oldestUnderWay };
};

export const loadPast = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> =>
  (await loadPastSince(sql, compound, stretch)).past;

/** Only by its two ends the planner knows that a stretch has many rows, and reads them page by page instead of one by one. */
const loadRowByRow = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> => {
  await sql.query('SET LOCAL plan_cache_mode = force_custom_plan');
  return loadPast(sql, compound, stretch);
};

/**
 * `loadPast` for a long stretch, within a transaction: of months that are over it reads what is kept of them as one row
 * each.
 */
export const loadLongPast = async (sql: Sql, compound: string, stretch: Stretch): Promise<CompoundPast> => {
  const months = await keptMonths(sql, compound, stretch);
  if (months === undefined) return loadRowByRow(sql, compound, stretch);
  // What is left is a month or two, and is read sooner than planned.
  await sql.query('SET LOCAL plan_cache_mode = force_generic_plan');
  const { told, innerFromMs } = await readPast(sql, { compound, stretch, months });
  // Last, because rows that are still there were there all the while; and nothing is put together before all is there.
  const ofMonths = await readMonths(sql, months);
  if (ofMonths === undefined) return loadRowByRow(sql, compound, stretch);
  return gatherPast(compound, [...ofMonths, ...told], innerFromMs).past;
};
