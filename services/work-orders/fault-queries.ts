import type { Sql } from '../runtime/sql.ts';
import type { Fault, FaultRecord, Wait } from './fault-routing.ts';
import type { MaintenanceWindow } from './maintenance.ts';

const windowsMax = 500;

export const maintenanceWindows = async (
  sql: Sql,
  { compound, endsAfter }: { compound: string | undefined; endsAfter: string },
): Promise<MaintenanceWindow[]> => {
  const { rows } = await sql.query<{ item: MaintenanceWindow }>(
    `SELECT item FROM hub.maintenance_window
     WHERE ($1::text IS NULL OR compound = $1) AND to_at > $2 AND ($2 = '' OR item->>'cancelledAt' IS NULL)
     ORDER BY to_at DESC, id LIMIT ${windowsMax}`,
    [compound ?? null, endsAfter],
  );
  return rows.map(({ item }) => item);
};

interface CoveredRow extends Fault {
  because: string;
  coveredAt: string;
  uncoveredAt: string | null;
}

const cursorOf = ({ device, code, component }: Fault): string => JSON.stringify([device, code, component]);
const fromCursor = (cursor: string | undefined): string[] => {
  try {
    const parts: unknown = JSON.parse(cursor ?? '[]');
    return Array.isArray(parts) && parts.length === 3 ? parts.map(String) : ['', '', ''];
  } catch {
    return ['', '', ''];
  }
};

/** By device, page by page. */
export const faultsCoveredBy = async (
  sql: Sql,
  order: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: CoveredRow[]; next: string | null }> => {
  const { rows } = await sql.query<CoveredRow>(
    `SELECT device, code, component, because, covered_at AS "coveredAt", uncovered_at AS "uncoveredAt"
     FROM hub.fault_covering WHERE work_order = $1 AND (device, code, component) > ($2, $3, $4)
     ORDER BY device, code, component LIMIT $5`,
    [order, ...fromCursor(cursor), limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? cursorOf(items.at(-1)!) : null };
};

interface FaultRow extends Pick<FaultRecord, 'device' | 'code' | 'component' | 'standing' | 'raisedAt' | 'clearedAt'> {
  flapping: boolean | null;
  workOrder: string | null;
  wait: Wait | null;
  coveredBy: string[];
}

export const faultsOfDevice = async (sql: Sql, device: string) => {
  const { rows } = await sql.query<FaultRow>(
    `SELECT r.device, r.code, r.component, r.standing, r.raised_at AS "raisedAt", r.cleared_at AS "clearedAt",
            r.open_order AS "workOrder", (r.detail->>'flapping')::boolean AS flapping,
            nullif(r.detail->'wait', 'null'::jsonb) AS wait,
            ARRAY(SELECT c.work_order FROM hub.fault_covering c
                  WHERE c.device = r.device AND c.code = r.code AND c.component = r.component
                  ORDER BY c.covered_at DESC LIMIT 20) AS "coveredBy"
     FROM hub.fault_routing r WHERE r.device = $1 ORDER BY r.standing DESC, r.code, r.component`,
    [device],
  );
  return rows.map(({ wait, flapping, ...row }) => ({
    ...row,
    flapping: flapping ?? false,
    waitsFor: wait?.for ?? null,
    waitsOn: wait?.ref ?? null,
    until: wait?.dueAt ?? null,
  }));
};
