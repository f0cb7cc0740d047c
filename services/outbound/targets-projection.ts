import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { type TargetEvent, type TargetState, target, targetEvents, targetStream } from './target.ts';

export interface TargetRow extends TargetState {
  id: string;
  registeredAt: string;
  /** Of its registration: it is told what happens after. */
  from: Position;
  /** Since when it is neither new nor paused. */
  activeSince: string;
  revision: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS hub.outbound_target (
    id text PRIMARY KEY, status text NOT NULL, revision integer NOT NULL, item jsonb NOT NULL)`;

const idOf = (event: RecordedEvent): string => event.stream.slice(targetStream('').length);

const evolveRow = (row: TargetRow | undefined, event: RecordedEvent): TargetRow | undefined => {
  if (row === undefined && event.type !== 'target.registered') return undefined;
  if (row !== undefined && event.revision <= row.revision) return row;
  const { occurredAt } = event.meta;
  const {
    id,
    from,
    registeredAt,
    activeSince,
    revision: _revision,
    ...state
  } = row ?? {
    ...{ ...target.initial, id: idOf(event), from: event.position, registeredAt: occurredAt, activeSince: occurredAt },
    revision: -1,
  };
  return {
    ...target.evolve(state, event as unknown as TargetEvent),
    ...{ id, from, registeredAt },
    activeSince: event.type === 'target.resumed' ? occurredAt : activeSince,
    revision: event.revision,
  };
};

/** A target as its stream tells it, for answers that can't wait for the read model. */
export const targetFrom = (events: readonly RecordedEvent[]): TargetRow | undefined =>
  events.reduce<TargetRow | undefined>(evolveRow, undefined);

export const readTargets = async (sql: Sql): Promise<TargetRow[]> => {
  const { rows } = await sql.query<{ item: TargetRow }>(
    `SELECT item FROM hub.outbound_target WHERE status <> 'removed' ORDER BY item->>'registeredAt', id`,
  );
  return rows.map(({ item }) => item);
};

/** The targets that work orders are told to. */
export const targetsProjection: Projection = {
  name: 'outbound-targets',
  version: 1,
  schema,
  tables: ['hub.outbound_target'],
  handles: Object.keys(targetEvents),
  async apply(sql, events) {
    const { rows } = await sql.query<{ item: TargetRow }>('SELECT item FROM hub.outbound_target WHERE id = ANY($1)', [
      [...new Set(events.map(idOf))],
    ]);
    const known = new Map(rows.map(({ item }) => [item.id, item]));
    for (const event of events) {
      const row = evolveRow(known.get(idOf(event)), event);
      if (row !== undefined) known.set(row.id, row);
    }
    await sql.query(
      `INSERT INTO hub.outbound_target
         SELECT item->>'id', item->>'status', (item->>'revision')::integer, item
         FROM jsonb_array_elements($1::jsonb) AS item
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, revision = excluded.revision, item = excluded.item
       WHERE outbound_target.revision < excluded.revision`,
      [JSON.stringify([...known.values()])],
    );
  },
};
