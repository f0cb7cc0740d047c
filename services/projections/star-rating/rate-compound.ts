import type { EventLog } from '../../event-log/event-log.ts';
import type { Compound } from '../../registry/registry.ts';
import type { RegisteredDevice } from '../../registry/registry-index.ts';
import type { Sql } from '../../runtime/sql.ts';
import { ratingFacts } from './queries.ts';
import { rate } from './rate.ts';
import type { Rating } from './rating.ts';
import type { Standard } from './standard.ts';

/** The rating of a compound at an instant under a standard, from what the read model knows now. */
export const rateCompound = async (
  sql: Sql,
  log: Pick<EventLog, 'head'>,
  standard: Standard,
  { compound, devices, at }: { compound: Compound; devices: RegisteredDevice[]; at: string },
): Promise<Rating> => {
  const { position } = await log.head();
  const facts = await ratingFacts(sql, { compound, devices, at, windowDays: standard.windowDays });
  return rate(standard, facts, { at, position });
};
