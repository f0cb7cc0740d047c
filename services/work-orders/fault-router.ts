import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import { type EventLog, WrongExpectedRevision } from '../event-log/event-log.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type FaultPlan, OrderNotRead, planFaults, type RoutingRules } from './fault-plan.ts';
import type { FaultPolicy } from './fault-policy.ts';
import type { FaultRecord } from './fault-routing.ts';
import { type OrderStream, readOrder } from './order-stream.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.fault_routing (
    device text NOT NULL, code text NOT NULL, component text NOT NULL,
    episode integer NOT NULL, open_order text, standing boolean NOT NULL,
    raised_at text, cleared_at text, closed_at text, revision integer NOT NULL,
    telemetry_revision integer NOT NULL,
    PRIMARY KEY (device, code, component))`;

const readRecords = async (sql: Sql, devices: string[]): Promise<FaultRecord[]> => {
  const { rows } = await sql.query<FaultRecord>(
    `SELECT device, code, component, episode, open_order AS "openOrder", standing, raised_at AS "raisedAt",
            cleared_at AS "clearedAt", closed_at AS "closedAt", revision,
            telemetry_revision AS "telemetryRevision"
     FROM hub.fault_routing WHERE device = ANY($1)`,
    [devices],
  );
  return rows;
};

const writeRecords = async (sql: Sql, records: FaultRecord[]): Promise<void> => {
  if (records.length === 0) return;
  await sql.query(
    `INSERT INTO hub.fault_routing (device, code, component, episode, open_order, standing, raised_at, cleared_at,
         closed_at, revision, telemetry_revision)
       SELECT r.device, r.code, r.component, r.episode, r."openOrder", r.standing, r."raisedAt", r."clearedAt",
              r."closedAt", r.revision, r."telemetryRevision"
       FROM jsonb_to_recordset($1::jsonb) AS r (device text, code text, component text, episode integer,
         "openOrder" text, standing boolean, "raisedAt" text, "clearedAt" text, "closedAt" text, revision integer,
         "telemetryRevision" integer)
     ON CONFLICT (device, code, component) DO UPDATE SET
       episode = excluded.episode, open_order = excluded.open_order, standing = excluded.standing,
       raised_at = excluded.raised_at, cleared_at = excluded.cleared_at, closed_at = excluded.closed_at,
       revision = excluded.revision, telemetry_revision = excluded.telemetry_revision`,
    [JSON.stringify(records)],
  );
};

/** Event types that a policy asks about, and the orders' own that come back through the log. */
export const typesOf = (policy: FaultPolicy): string[] => [
  ...new Set([
    ...policy.rules.flatMap(({ on, clearedBy }) => [on.type, ...clearedBy.map(({ type }) => type)]),
    'work-order.raised',
    'work-order.closed',
    'work-order.cancelled',
  ]),
];

const attemptsMax = 20;
const appendMax = 200;
const readMax = 16;

export interface FaultRouterParts extends RoutingRules {
  log: Pick<EventLog, 'append' | 'readStream'>;
}

/**
 * Faults become orders. Runs as a projection does, with its memory and checkpoint in one transaction, but it also
 * writes to the log, before that transaction commits: after a crash in between the batch is worked out again, finds its
 * events by their derived ids and writes nothing twice. It is never rebuilt on request: under a policy that changed
 * since, the replay would raise orders for faults of long ago.
 */
export const createFaultRouter = ({ log, ...rules }: FaultRouterParts): Projection & { rebuildable: false } => {
  const readAllOf = async (ids: Iterable<string>, into: Map<string, OrderStream>): Promise<void> => {
    const wanted = [...ids];
    for (let start = 0; start < wanted.length; start += readMax) {
      const read = await Promise.all(wanted.slice(start, start + readMax).map((order) => readOrder(log, order)));
      for (const order of read) into.set(order.order, order);
    }
  };

  /** Plans until every order it needs is read, then appends; starts again when a person's command came in between. */
  const carryOut = async (events: RecordedEvent[], records: FaultRecord[]): Promise<FaultPlan> => {
    const orders = new Map<string, OrderStream>();
    for (let attempt = 1; ; attempt += 1) {
      const plan = await planReading(events, records, orders);
      try {
        for (let start = 0; start < plan.appends.length; start += appendMax) {
          await log.append(plan.appends.slice(start, start + appendMax));
        }
        return plan;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === attemptsMax) throw error;
        const touched = plan.appends.map(({ stream }) => stream.slice(workOrderStream('').length));
        await readAllOf(new Set([...orders.keys(), ...touched]), orders);
      }
    }
  };

  const planReading = async (
    events: RecordedEvent[],
    records: FaultRecord[],
    orders: Map<string, OrderStream>,
  ): Promise<FaultPlan> => {
    for (;;) {
      try {
        return planFaults(rules, events, records, orders);
      } catch (error) {
        if (!(error instanceof OrderNotRead)) throw error;
        // One is missing, so the batch is of the kind that needs them: read every open order of its devices at once.
        const open = records.flatMap(({ openOrder }) => (openOrder === null ? [] : [openOrder]));
        await readAllOf(new Set([error.order, ...open].filter((order) => !orders.has(order))), orders);
      }
    }
  };

  return {
    name: 'fault-router',
    version: 1,
    rebuildable: false,
    schema,
    tables: ['hub.fault_routing'],
    handles: typesOf(rules.policy),
    async apply(sql, events) {
      const devices = new Set(events.flatMap(({ meta }) => (meta.device === undefined ? [] : [meta.device])));
      const { records } = await carryOut(events, await readRecords(sql, [...devices]));
      await writeRecords(sql, records);
    },
  };
};
