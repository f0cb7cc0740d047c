import { openPool } from './postgres.ts';
import { StartRefused } from './start-refused.ts';

/** The oldest major version that its makers still mend when this hub is new, and the first with all that it uses. */
const oldestVersion = 150_000;
const versionText = (number: number): string => `${Math.floor(number / 10_000)}.${number % 10_000}`;

export interface DatabaseFacts {
  version: number;
  role: string;
  database: string;
  encoding: string;
  /** A standby that repeats another server. */
  standby: boolean;
  readOnly: boolean;
  schemaExists: boolean;
  /** May make the schema, or, where it is there, tables in it. */
  mayCreate: boolean;
  /** A table of the hub that belongs to somebody else, so that this role can't change it. */
  foreignTable: string | null;
}

/** Why a hub can't work with this database, with the remedy; `undefined` when it can. */
export const judgeDatabase = (facts: DatabaseFacts): string | undefined => {
  const { version, role, database } = facts;
  if (version < oldestVersion)
    return (
      `PostgreSQL ${versionText(version)} is too old: the hub needs 15 or newer. ` +
      'Upgrade the server, or name a newer one'
    );
  if (facts.standby)
    return 'the server is a standby, which takes no writes: name its primary (with several hosts in the URL, add target_session_attrs=read-write)';
  if (facts.readOnly)
    return (
      'the server takes no writes (default_transaction_read_only is on): name the primary, ' +
      `or ALTER ROLE ${role} SET default_transaction_read_only = off`
    );
  if (facts.encoding !== 'UTF8')
    return (
      `database ${database} is encoded in ${facts.encoding}, which can't hold every name: ` +
      "make another one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    );
  if (!facts.mayCreate && !facts.schemaExists)
    return (
      `role ${role} may not create the schema hub in database ${database}: as its owner run ` +
      `GRANT CREATE ON DATABASE ${database} TO ${role}, or CREATE SCHEMA hub AUTHORIZATION ${role}`
    );
  if (!facts.mayCreate)
    return (
      `role ${role} may not create tables in schema hub: as its owner run GRANT USAGE, CREATE ON SCHEMA hub TO ${role}, ` +
      'or name the role that made it'
    );
  if (facts.foreignTable !== null)
    return `table ${facts.foreignTable} belongs to another role than ${role}: name the role that made it, or change the owner`;
  return undefined;
};

const ask = `
  SELECT current_setting('server_version_num')::integer AS version, current_user AS role,
    current_database() AS database, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only') = 'on' AS "readOnly",
    EXISTS (SELECT FROM pg_namespace WHERE nspname = 'hub') AS "schemaExists",
    coalesce((SELECT has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE')
              FROM pg_namespace WHERE nspname = 'hub'),
             has_database_privilege(current_database(), 'CREATE')) AS "mayCreate",
    (SELECT 'hub.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = 'hub' AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE') LIMIT 1) AS "foreignTable"`;

interface Trouble {
  code?: string;
  message: string;
}

/** What a failed connection means for whoever set the URL. */
const explainTrouble = ({ code = '', message }: Trouble, url: URL): string => {
  const server = `${url.hostname}:${url.port || '5432'}`;
  const role = decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1));
  const known: Record<string, string> = {
    '28P01': `the password of role ${role} is wrong (or there is no such role): put the right one into the URL, with signs like @ / : written as %40 %2F %3A`,
    '28000': `the server at ${server} does not let role ${role} in (${message}): mend pg_hba.conf there, or name another role`,
    '3D000': `there is no database ${database} at ${server}: make it with CREATE DATABASE "${database}" ENCODING 'UTF8' TEMPLATE template0`,
    '42501': `role ${role} may not do what the hub needs (${message}): grant it, or name another role`,
    '53300': `the server at ${server} has no connection left: raise its max_connections (the hub takes up to 30)`,
    '57P03': `the server at ${server} does not take connections yet or any more (${message}): start the hub when it is up`,
    ECONNREFUSED: `nothing listens at ${server}: start the PostgreSQL server there, or name the right host and port`,
    ENOTFOUND: `there is no host ${url.hostname}: name the right one`,
    EAI_AGAIN: `host ${url.hostname} can't be looked up: name the right one, or mend name resolution on this machine`,
    CERT_HAS_EXPIRED: `the certificate of ${server} has expired: renew it there`,
  };
  const ofCertificate = /CERT|SIGNATURE|ERR_TLS/.test(code)
    ? `the certificate of ${server} is not trusted (${message}): add sslrootcert=<file of the authority> to the URL`
    : undefined;
  return known[code] ?? ofCertificate ?? `the server at ${server} does not answer as it should (${message})`;
};

const parseUrl = (url: string, variable: string): URL => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  // A second @ is a password that was not escaped, and what looks like the host is a part of it.
  if (parsed !== undefined && url.split('@').length <= 2) return parsed;
  throw new StartRefused(
    `${variable} is no address: write postgres://user:password@host:5432/database, with signs like @ / : in the password as %40 %2F %3A.`,
  );
};

/**
 * Looks, before anything is done, whether a hub can work with this database: reachable, let in, new enough, writable,
 * with the rights that it needs. Throws `StartRefused` that names the variable and the remedy, never the password.
 */
export const checkDatabase = async (url: string, variable = 'DATABASE_URL'): Promise<void> => {
  const parsed = parseUrl(url, variable);
  const pool = openPool(url, { maxConnections: 1, applicationName: 'xingyuan start check' });
  let problem: string | undefined;
  try {
    const { rows } = await pool.query<DatabaseFacts>(ask);
    problem = judgeDatabase(rows[0]!);
  } catch (error) {
    const trouble = error instanceof AggregateError ? (error.errors[0] as Trouble) : (error as Trouble);
    problem = explainTrouble(trouble, parsed);
  } finally {
    await pool.end();
  }
  if (problem !== undefined) throw new StartRefused(`${variable}: ${problem}.`);
};
