import type { Compound } from '../../registry/registry.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { cutterOf } from '../star-rating/cut.ts';
import { loadPast } from '../star-rating/load-past.ts';
import { pastOfUnknown } from '../star-rating/past.ts';
import { standardInForce } from '../star-rating/standards.ts';
import { outlook, type RatingOutlook } from './outlook.ts';

const dayMs = 86_400_000;

/** The outlook of a compound from what the read model knows. */
export const outlookOf = async (sql: Sql, compound: Compound, nowMs: number): Promise<RatingOutlook> => {
  const at = isoTime(nowMs);
  const standard = standardInForce(at);
  const { windowDays } = standard;
  // Shorter windows are cut too, so no two days may come as one number: as if every day of a window were asked for.
  const past = await loadPast(sql, compound.id, { fromMs: nowMs, toMs: nowMs + windowDays * dayMs, windowDays });
  const cut = cutterOf(past) ?? cutterOf(pastOfUnknown(compound))!;
  return outlook({ standard, at, factsOver: (days) => cut({ at, windowDays: days }) });
};
