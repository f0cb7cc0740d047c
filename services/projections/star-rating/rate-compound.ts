import type { Compound } from '../../registry/registry.ts';
import type { Sql } from '../../runtime/sql.ts';
import { cutterOf } from './cut.ts';
import { loadPast } from './load-past.ts';
import { pastOfUnknown } from './past.ts';
import { rate } from './rate.ts';
import type { Rating } from './rating.ts';
import type { Standard } from './standard.ts';

/** The rating of a compound at an instant under a standard, from what the read model knows now. */
export const rateCompound = async (
  sql: Sql,
  standard: Standard,
  // `devices` is looked at no longer: the register as it was then comes from the tables.
  { compound, at }: { compound: Compound; devices?: unknown; at: string },
): Promise<Rating> => {
  const { windowDays } = standard;
  const atMs = Date.parse(at);
  const past = await loadPast(sql, compound.id, { fromMs: atMs, toMs: atMs, windowDays });
  const cut = cutterOf(past) ?? cutterOf(pastOfUnknown(compound))!;
  return rate(standard, cut({ at, windowDays }), { at, position: past.position });
};
