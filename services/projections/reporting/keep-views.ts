import type { Sql } from '../../runtime/sql.ts';
import { createView, grantViews } from './prepare-reporting.ts';
import { reportingSchema } from './view.ts';
import { reportingViews } from './views.ts';

const presentViews = async (sql: Sql): Promise<Set<string>> => {
  const { rows } = await sql.query<{ viewname: string }>('SELECT viewname FROM pg_views WHERE schemaname = $1', [
    reportingSchema,
  ]);
  return new Set(rows.map(({ viewname }) => viewname));
};

/**
 * Runs `work`, which drops tables and makes them anew, and puts back the views that fell with them; call it inside a
 * transaction, so that nobody ever sees the views missing. A view that doesn't fit the tables as they are now is left
 * to `prepareReporting`, which runs when all of them are of this version.
 */
export const keepingViews = async (sql: Sql, work: () => Promise<void>): Promise<void> => {
  const before = await presentViews(sql);
  await work();
  if (before.size === 0) return;
  const after = await presentViews(sql);
  for (const view of reportingViews.filter(({ name }) => before.has(name) && !after.has(name))) {
    await sql.query('SAVEPOINT before_view');
    await createView(sql, view).catch(() => sql.query('ROLLBACK TO SAVEPOINT before_view'));
    await sql.query('RELEASE SAVEPOINT before_view');
  }
  await grantViews(sql);
};
