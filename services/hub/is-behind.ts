import type { Projection } from '../event-log/projection.ts';
import type { Runner } from '../projections/runner.ts';

/** A read model that is further behind would be taken for the truth as if what it hasn't read had never happened. */
const behindSecondsMax = 60;

/** Whether a read model is too far behind the log to conclude anything from it. */
export const isBehind = (status: Runner['status'], { name }: Pick<Projection, 'name'>): boolean => {
  const own = status().find(({ projection }) => projection === name);
  return own === undefined || own.position === null || own.lagSeconds > behindSecondsMax;
};
