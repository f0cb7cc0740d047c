import type { Sql } from '../../runtime/sql.ts';
import { binOrigin, chunkDays, compressAfterDays, jobRetentionDays } from './limits.ts';

/** A reading's columns, on either storage. The key holds the instant, as partitions and hypertables both demand. */
export const readingColumns = `
    series integer NOT NULL,
    at timestamptz NOT NULL,
    event uuid NOT NULL,
    value double precision NOT NULL,
    PRIMARY KEY (series, at, event)`;

export type Storage = 'partitions' | 'timescale';

/** How the readings are stored now; a table made before the extension came stays as it is until it is rebuilt. */
export const storageOf = async (sql: Sql): Promise<Storage> => {
  const { rows } = await sql.query<{ partitioned: boolean }>(
    `SELECT relkind = 'p' AS partitioned FROM pg_class WHERE oid = 'hub.reading'::regclass`,
  );
  return rows[0]?.partitioned === false ? 'timescale' : 'partitions';
};

/**
 * The last value of a group as an array of instant and value, because `max` of such arrays is the same on either
 * storage and can be taken of parts. Of several values at one instant the largest stands.
 */
export const lastOf = `max(ARRAY[extract(epoch FROM at - timestamptz '${binOrigin}')::double precision, value])`;

export interface TimescaleSupport {
  usable: boolean;
  /** Why not, with the remedy; or the version. */
  reason: string;
  /** Where the extension's functions lie. */
  schema: string;
}

export interface SupportRow {
  role: string;
  database: string;
  offered: string | null;
  installed: string | null;
  schema: string | null;
  preloaded: boolean;
  license: string | null;
  may_create: boolean;
}

/** Whether and why, from what the server says of itself. */
export const judgeSupport = (row: SupportRow): Omit<TimescaleSupport, 'schema'> => {
  const no = (reason: string) => ({ usable: false, reason });
  if (row.offered === null) return no('the server does not have TimescaleDB');
  if (!row.preloaded)
    return no(`the server has TimescaleDB but does not load it: put it into shared_preload_libraries and restart it`);
  if (row.installed === null && !row.may_create)
    return no(
      `role ${row.role} may not create TimescaleDB in database ${row.database}: as a superuser run ` +
        `CREATE EXTENSION timescaledb WITH SCHEMA public there`,
    );
  if (row.license === 'apache')
    return no('the TimescaleDB of this server has the apache license only, without compression and aggregates');
  return { usable: true, reason: `TimescaleDB ${row.installed ?? row.offered}` };
};

/** Whether TimescaleDB can be used here. Asked without touching it: a server that doesn't preload it cuts the connection. */
export const timescaleSupport = async (sql: Sql): Promise<TimescaleSupport> => {
  const { rows } = await sql.query<SupportRow>(
    `SELECT current_user AS role, current_database() AS database, available.default_version AS offered,
       extension.extversion AS installed, namespace.nspname AS schema,
       current_setting('timescaledb.disable_load', true) IS NOT NULL AS preloaded,
       current_setting('timescaledb.license', true) AS license,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
         OR has_database_privilege(current_database(), 'CREATE')
            AND EXISTS (SELECT FROM pg_available_extension_versions AS v
                        WHERE v.name = 'timescaledb' AND v.version = available.default_version AND v.trusted)
         AS may_create
     FROM (VALUES (1)) AS always
     LEFT JOIN pg_available_extensions AS available ON available.name = 'timescaledb'
     LEFT JOIN pg_extension AS extension ON extension.extname = 'timescaledb'
     LEFT JOIN pg_namespace AS namespace ON namespace.oid = extension.extnamespace`,
  );
  const row = rows[0]!;
  return { ...judgeSupport(row), schema: `"${row.schema ?? 'public'}"` };
};

const aggregate = (name: string, width: string, schema: string): string => `
  CREATE MATERIALIZED VIEW hub.${name} WITH (timescaledb.continuous, timescaledb.materialized_only = true) AS
    SELECT series,
      ${schema}.time_bucket(INTERVAL '${width}', at, origin => timestamptz '${binOrigin}') AS bucket,
      count(*) AS count, min(value) AS min, max(value) AS max, sum(value) AS sum, ${lastOf} AS last
    FROM hub.reading GROUP BY 1, 2 WITH NO DATA;
  SELECT ${schema}.add_retention_policy('hub.${name}', INTERVAL '${jobRetentionDays} days')`;

/** Puts a hypertable in the place of the partitioned table, which is empty. */
const createHypertable = async (sql: Sql, schema: string): Promise<void> => {
  // With a schema named: a role called hub would else get the extension into the hub's own schema.
  await sql.query('CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public');
  await sql.query(
    `DROP TABLE hub.reading;
     CREATE TABLE hub.reading (${readingColumns});
     SELECT ${schema}.create_hypertable('hub.reading', 'at', chunk_time_interval => INTERVAL '${chunkDays} days',
       create_default_indexes => false);
     ALTER TABLE hub.reading SET (timescaledb.compress, timescaledb.compress_segmentby = 'series',
       timescaledb.compress_orderby = 'at DESC, event');
     SELECT ${schema}.add_compression_policy('hub.reading', INTERVAL '${compressAfterDays} days');
     SELECT ${schema}.add_retention_policy('hub.reading', INTERVAL '${jobRetentionDays} days');
     ${aggregate('reading_hourly', '1 hour', schema)};
     ${aggregate('reading_daily', '1 day', schema)};
     SELECT ${schema}.add_continuous_aggregate_policy('hub.reading_hourly', start_offset => INTERVAL '3 days',
       end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '1 hour');
     SELECT ${schema}.add_continuous_aggregate_policy('hub.reading_daily', start_offset => INTERVAL '7 days',
       end_offset => INTERVAL '1 day', schedule_interval => INTERVAL '6 hours')`,
  );
};

/**
 * Takes TimescaleDB where it can be used and leaves the native partitions where not, in the transaction that made the
 * tables. What was chosen and why is kept for `timeSeriesPolicies`.
 */
export const chooseStorage = async (sql: Sql): Promise<void> => {
  const { usable, reason, schema } = await timescaleSupport(sql);
  let chosen = usable ? `hypertable, ${reason}` : `native partitions: ${reason}`;
  if (usable && (await storageOf(sql)) === 'partitions') {
    await sql.query('SAVEPOINT before_timescale');
    try {
      await createHypertable(sql, schema);
      await sql.query('RELEASE SAVEPOINT before_timescale');
    } catch (error) {
      await sql.query('ROLLBACK TO SAVEPOINT before_timescale');
      chosen = `native partitions: ${reason} refused the hypertable (${(error as Error).message})`;
    }
  }
  await sql.query(
    `INSERT INTO hub.reading_policy (policy, detail) VALUES ('storage', $1)
     ON CONFLICT (policy) DO UPDATE SET detail = excluded.detail`,
    [chosen],
  );
};
