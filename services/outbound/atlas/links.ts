import type { Sql } from '../../runtime/sql.ts';
import type { AtlasStatus } from './mapping.ts';

export const atlasConnector = 'atlas-cmms';

export interface AtlasLink {
  order: string;
  remoteId: string;
  remoteStatus: AtlasStatus;
}

const columns = 'work_order AS "order", remote_id AS "remoteId", remote_status AS "remoteStatus"';

/** Which of their orders stands for which of ours, and what it was last known to say. */
export const createAtlasLinks = (sql: Sql) => ({
  async of(order: string): Promise<AtlasLink | undefined> {
    const { rows } = await sql.query<AtlasLink>(
      `SELECT ${columns} FROM hub.connector_link WHERE connector = $1 AND work_order = $2`,
      [atlasConnector, order],
    );
    return rows[0];
  },
  async ofRemote(ids: readonly string[]): Promise<Map<string, AtlasLink>> {
    const { rows } = await sql.query<AtlasLink>(
      `SELECT ${columns} FROM hub.connector_link WHERE connector = $1 AND remote_id = ANY($2)`,
      [atlasConnector, ids],
    );
    return new Map(rows.map((link) => [link.remoteId, link]));
  },
  async put({ order, remoteId, remoteStatus }: AtlasLink, trouble: string | null = null): Promise<void> {
    await sql.query(
      `INSERT INTO hub.connector_link (connector, work_order, remote_id, remote_status, trouble)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (connector, work_order) DO UPDATE SET remote_id = excluded.remote_id,
         remote_status = excluded.remote_status, trouble = excluded.trouble`,
      [atlasConnector, order, remoteId, remoteStatus, trouble],
    );
  },
  async drop(order: string): Promise<void> {
    await sql.query('DELETE FROM hub.connector_link WHERE connector = $1 AND work_order = $2', [atlasConnector, order]);
  },
  async cursor(): Promise<string | undefined> {
    const { rows } = await sql.query<{ cursor: string }>(
      'SELECT cursor FROM hub.connector_cursor WHERE connector = $1',
      [atlasConnector],
    );
    return rows[0]?.cursor;
  },
  async moveTo(cursor: string): Promise<void> {
    await sql.query(
      `INSERT INTO hub.connector_cursor (connector, cursor) VALUES ($1, $2)
       ON CONFLICT (connector) DO UPDATE SET cursor = excluded.cursor`,
      [atlasConnector, cursor],
    );
  },
});

export type AtlasLinks = ReturnType<typeof createAtlasLinks>;
