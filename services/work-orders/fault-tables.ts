import type { Sql } from '../runtime/sql.ts';
import type { StormState } from './fault-draft.ts';
import { type FaultRecord, neverHeard } from './fault-routing.ts';
import type { FaultStore } from './fault-store.ts';
import type { MaintenanceWindow } from './maintenance.ts';

/** Also in infra/postgres/0120-fault-waits.sql, for a memory that is older: it is never made anew. */
export const faultSchema = `
  CREATE TABLE IF NOT EXISTS hub.fault_routing (
    device text NOT NULL, code text NOT NULL, component text NOT NULL,
    episode integer NOT NULL, open_order text, standing boolean NOT NULL,
    raised_at text, cleared_at text, closed_at text, revision integer NOT NULL,
    telemetry_revision integer NOT NULL,
    compound text, held_by text, fire_at text, detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (device, code, component));
  CREATE INDEX IF NOT EXISTS fault_routing_fire ON hub.fault_routing (fire_at) WHERE fire_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS fault_routing_held ON hub.fault_routing (held_by) WHERE held_by IS NOT NULL;
  CREATE TABLE IF NOT EXISTS hub.fault_storm (compound text PRIMARY KEY, due_at text, state jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS fault_storm_due ON hub.fault_storm (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS hub.maintenance_window (
    id text PRIMARY KEY, compound text NOT NULL, to_at text NOT NULL, item jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS maintenance_window_compound ON hub.maintenance_window (compound, to_at);
  CREATE TABLE IF NOT EXISTS hub.fault_policy (
    version integer PRIMARY KEY, policy text NOT NULL, actor text, at text NOT NULL, reason text);
  CREATE TABLE IF NOT EXISTS hub.fault_covering (
    work_order text NOT NULL, device text NOT NULL, code text NOT NULL, component text NOT NULL,
    because text NOT NULL, covered_at text NOT NULL, uncovered_at text,
    PRIMARY KEY (work_order, device, code, component));
  CREATE INDEX IF NOT EXISTS fault_covering_device ON hub.fault_covering (device, covered_at)`;

/** Those made anew with the memory; policies and windows come from the log again. */
export const faultTables = [
  'hub.fault_routing',
  'hub.fault_storm',
  'hub.maintenance_window',
  'hub.fault_policy',
  'hub.fault_covering',
] as const;

const columns = `device, code, component, episode, open_order AS "openOrder", standing, raised_at AS "raisedAt",
  cleared_at AS "clearedAt", closed_at AS "closedAt", revision, telemetry_revision AS "telemetryRevision", detail`;

type Detail = Pick<FaultRecord, 'wait' | 'heard' | 'rule' | 'reportedAt' | 'begunAt' | 'flapping'>;
type Row = Omit<FaultRecord, keyof Detail> & { detail: Partial<Detail> };

const asRecord = ({ detail, ...row }: Row): FaultRecord => ({ ...neverHeard(row), ...row, ...detail });

const asRow = (record: FaultRecord) => {
  const { wait, heard, rule, reportedAt, begunAt, flapping, ...row } = record;
  return {
    ...row,
    compound: heard?.compound ?? null,
    held_by: wait?.ref ?? null,
    fire_at: wait?.fireAt ?? null,
    detail: { wait, heard, rule, reportedAt, begunAt, flapping },
  };
};

const writeRecords = async (sql: Sql, records: readonly FaultRecord[]): Promise<void> => {
  if (records.length === 0) return;
  await sql.query(
    `INSERT INTO hub.fault_routing (device, code, component, episode, open_order, standing, raised_at, cleared_at,
         closed_at, revision, telemetry_revision, compound, held_by, fire_at, detail)
       SELECT r.device, r.code, r.component, r.episode, r."openOrder", r.standing, r."raisedAt", r."clearedAt",
              r."closedAt", r.revision, r."telemetryRevision", r.compound, r.held_by, r.fire_at, r.detail
       FROM jsonb_to_recordset($1::jsonb) AS r (device text, code text, component text, episode integer,
         "openOrder" text, standing boolean, "raisedAt" text, "clearedAt" text, "closedAt" text, revision integer,
         "telemetryRevision" integer, compound text, held_by text, fire_at text, detail jsonb)
     ON CONFLICT (device, code, component) DO UPDATE SET
       episode = excluded.episode, open_order = excluded.open_order, standing = excluded.standing,
       raised_at = excluded.raised_at, cleared_at = excluded.cleared_at, closed_at = excluded.closed_at,
       revision = excluded.revision, telemetry_revision = excluded.telemetry_revision, compound = excluded.compound,
       held_by = excluded.held_by, fire_at = excluded.fire_at, detail = excluded.detail`,
    [JSON.stringify(records.map(asRow))],
  );
};

const writeStorms = async (sql: Sql, storms: readonly StormState[]): Promise<void> => {
  if (storms.length === 0) return;
  await sql.query(
    `INSERT INTO hub.fault_storm
       SELECT state->>'compound', state->>'dueAt', state FROM jsonb_array_elements($1::jsonb) AS state
     ON CONFLICT (compound) DO UPDATE SET due_at = excluded.due_at, state = excluded.state`,
    [JSON.stringify(storms)],
  );
};

const writeWindows = async (sql: Sql, windows: readonly MaintenanceWindow[]): Promise<void> => {
  if (windows.length === 0) return;
  await sql.query(
    `INSERT INTO hub.maintenance_window
       SELECT item->>'id', item->>'compound', item->>'to', item FROM jsonb_array_elements($1::jsonb) AS item
     ON CONFLICT (id) DO UPDATE SET to_at = excluded.to_at, item = excluded.item`,
    [JSON.stringify(windows)],
  );
};

export const sqlFaultStore = (sql: Sql): FaultStore => ({
  async recordsOf(devices) {
    if (devices.length === 0) return [];
    const found = await sql.query<Row>(`SELECT ${columns} FROM hub.fault_routing WHERE device = ANY($1)`, [devices]);
    return found.rows.map(asRecord);
  },
  async heldBy(refs) {
    if (refs.length === 0) return [];
    const found = await sql.query<Row>(`SELECT ${columns} FROM hub.fault_routing WHERE held_by = ANY($1)`, [refs]);
    return found.rows.map(asRecord);
  },
  async stormsOf(compounds) {
    if (compounds.length === 0) return [];
    const query = 'SELECT state FROM hub.fault_storm WHERE compound = ANY($1)';
    const { rows } = await sql.query<{ state: StormState }>(query, [compounds]);
    return rows.map(({ state }) => state);
  },
  async windowsOf(compounds, since) {
    if (compounds.length === 0) return [];
    const query = 'SELECT item FROM hub.maintenance_window WHERE compound = ANY($1) AND to_at > $2';
    const { rows } = await sql.query<{ item: MaintenanceWindow }>(query, [compounds, since]);
    return rows.map(({ item }) => item);
  },
  async write(plan) {
    await writeRecords(sql, plan.records);
    await writeStorms(sql, plan.storms);
    await writeWindows(sql, plan.windows);
    for (const { data, meta } of plan.switchedOn) {
      await sql.query('INSERT INTO hub.fault_policy VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
        ...[data.version, data.policy, meta.actor ?? null, meta.occurredAt, data.reason ?? null],
      ]);
    }
    if (plan.covered.length > 0) {
      const rows = plan.covered.map(({ order, device, code, component, because, at }) => {
        return { work_order: order, device, code, component, because, covered_at: at, uncovered_at: null };
      });
      await sql.query(
        `INSERT INTO hub.fault_covering
           SELECT * FROM jsonb_populate_recordset(NULL::hub.fault_covering, $1::jsonb)
         ON CONFLICT (work_order, device, code, component) DO UPDATE SET uncovered_at = NULL`,
        [JSON.stringify(rows)],
      );
    }
    for (const { order, device, code, component, at } of plan.uncovered) {
      await sql.query(
        `UPDATE hub.fault_covering SET uncovered_at = $5
         WHERE work_order = $1 AND device = $2 AND code = $3 AND component = $4`,
        [order, device, code, component, at],
      );
    }
  },
});

/** The policy that was switched on last; `undefined` while the file's own is in force. */
export const policyInForce = async (
  sql: Sql,
): Promise<
  { version: number; policy: string; actor: string | null; at: string; reason: string | null } | undefined
> => {
  const { rows } = await sql.query<{
    version: number;
    policy: string;
    actor: string | null;
    at: string;
    reason: string | null;
  }>('SELECT * FROM hub.fault_policy ORDER BY version DESC LIMIT 1');
  return rows[0];
};
