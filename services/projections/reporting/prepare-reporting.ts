import { randomBytes } from 'node:crypto';
import type { Sql, Transact } from '../../runtime/sql.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { scramVerifier } from './scram-verifier.ts';
import { type ReportingView, reportingSchema } from './view.ts';
import { reportingViews } from './views.ts';

/** May read the views and nothing else; can't log in. */
export const reportRole = 'xingyuan_report';
/** Logs in for Grafana, as a member of that. */
export const reportLogin = 'xingyuan_grafana';

const reportingLock = 7_809_010;
const statementTimeoutSeconds = 30;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Makes one view as it should be, with its comments. */
export const createView = async (sql: Sql, { name, row, columns, sql: query }: ReportingView): Promise<void> => {
  const view = `${reportingSchema}.${name}`;
  // Replaced, not dropped: what others have built on it stays, and columns can only be added.
  await sql.query(`CREATE OR REPLACE VIEW ${view} AS ${query}`);
  const comments = Object.entries(columns).map(([column, [, unit, meaning]]) => {
    const text = unit === '' ? meaning : `${meaning} (${unit})`;
    return `COMMENT ON COLUMN ${view}.${column} IS ${literal(text)};`;
  });
  await sql.query(`COMMENT ON VIEW ${view} IS ${literal(row)}; ${comments.join(' ')}`);
};

const roleExists = async (sql: Sql, name: string): Promise<boolean> =>
  (await sql.query('SELECT FROM pg_roles WHERE rolname = $1', [name])).rowCount === 1;

/** Roles belong to the whole server, so another hub's database may be creating the same one at this moment. */
const createRole = async (sql: Sql, name: string, options: string): Promise<void> => {
  if (await roleExists(sql, name)) return;
  await sql.query(
    `DO $$ BEGIN CREATE ROLE ${name} ${options}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
};

const mayCreateRoles = async (sql: Sql): Promise<boolean> => {
  const { rows } = await sql.query<{ may: boolean }>(
    'SELECT rolcreaterole OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
  );
  return rows[0]?.may === true;
};

const allowLogin = async (sql: Sql, password: string): Promise<void> => {
  await createRole(sql, reportLogin, 'LOGIN');
  const verifier = scramVerifier(password, randomBytes(16));
  await sql.query(`ALTER ROLE ${reportLogin} LOGIN PASSWORD ${literal(verifier)}`);
  // A panel with too wide a time range must not hold up the hub.
  await sql.query(`ALTER ROLE ${reportLogin} SET statement_timeout = '${statementTimeoutSeconds}s'`);
  await sql.query(`ALTER ROLE ${reportLogin} SET default_transaction_read_only = on`);
  await sql.query(`GRANT ${reportRole} TO ${reportLogin}`);
};

/** Lets the role read the views; answers false where there is no such role. */
export const grantViews = async (sql: Sql): Promise<boolean> => {
  if (!(await roleExists(sql, reportRole))) return false;
  await sql.query(`GRANT USAGE ON SCHEMA ${reportingSchema} TO ${reportRole}`);
  await sql.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${reportingSchema} TO ${reportRole}`);
  return true;
};

export interface ReportingAccess {
  /** `missing`: this database user may not create roles; the views are there, but nobody else can read them. */
  role: 'ready' | 'missing';
}

/**
 * Creates or mends the reporting views and the role that reads them. Idempotent; call it when all projections are
 * prepared, for the views stand on their tables. With a password the login for Grafana is created or changed too.
 * Throws `StartRefused` when that is asked for and not allowed.
 */
export const prepareReporting = (
  transact: Transact,
  { password }: { password?: string | undefined } = {},
): Promise<ReportingAccess> =>
  transact(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [reportingLock]);
    await sql.query(`CREATE SCHEMA IF NOT EXISTS ${reportingSchema}`);
    for (const view of reportingViews) await createView(sql, view);
    const may = await mayCreateRoles(sql);
    if (password !== undefined && !may) {
      throw new StartRefused(
        `HUB_REPORT_PASSWORD is set, but the database user of DATABASE_URL may not create roles. Leave the variable ` +
          `out and let an administrator create ${reportLogin} as a member of ${reportRole}, or give the user CREATEROLE.`,
      );
    }
    if (may) await createRole(sql, reportRole, 'NOLOGIN');
    if (!(await grantViews(sql))) return { role: 'missing' };
    if (password !== undefined) await allowLogin(sql, password);
    return { role: 'ready' };
  });
