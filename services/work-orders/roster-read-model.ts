import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { emptyRoster, type Roster, type RosterEvent, roster, rosterEvents, rosterStream } from './roster.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.duty_roster (
    compound text PRIMARY KEY, roster jsonb NOT NULL, revision integer NOT NULL)`;

interface Row {
  compound: string;
  roster: Roster;
  revision: number;
}

const compoundOf = (event: RecordedEvent): string => event.stream.slice(rosterStream('').length);

const evolveRow = (row: Row | undefined, event: RecordedEvent): Row => {
  if (row !== undefined && event.revision <= row.revision) return row;
  return {
    compound: compoundOf(event),
    roster: roster.evolve(row?.roster ?? emptyRoster, event as unknown as RosterEvent),
    revision: event.revision,
  };
};

/** Who has duty where, as the compounds drew it up. */
export const rosterProjection: Projection = {
  name: 'duty-rosters',
  version: 1,
  schema,
  tables: ['hub.duty_roster'],
  handles: Object.keys(rosterEvents),
  async apply(sql, events) {
    const { rows } = await sql.query<Row>('SELECT * FROM hub.duty_roster WHERE compound = ANY($1)', [
      [...new Set(events.map(compoundOf))],
    ]);
    const known = new Map(rows.map((row) => [row.compound, row]));
    for (const event of events) known.set(compoundOf(event), evolveRow(known.get(compoundOf(event)), event));
    await sql.query(
      `INSERT INTO hub.duty_roster
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (compound text, roster jsonb, revision integer)
       ON CONFLICT (compound) DO UPDATE SET roster = excluded.roster, revision = excluded.revision
       WHERE duty_roster.revision < excluded.revision`,
      [JSON.stringify([...known.values()])],
    );
  },
};

const retryMs = 500;
const isOfRoster = (type: string): boolean => type.startsWith('roster.');

export interface RosterBook {
  of(compound: string): Roster;
}

interface FollowParts {
  log: Pick<EventLog, 'subscribe'>;
  transact: Transact;
  logger: Logger;
  signal: AbortSignal;
}

/** The rosters in memory: loaded from the read model, then followed in the log from where that stood. */
export const followRosters = async ({ log, transact, logger, signal }: FollowParts): Promise<RosterBook> => {
  const known = new Map<string, Row>();
  let position = await transact(async (sql: Sql): Promise<Position | null> => {
    await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const { rows } = await sql.query<{ position: Position | null }>(
      'SELECT position FROM hub.projection_checkpoint WHERE projection = $1',
      [rosterProjection.name],
    );
    const { rows: stored } = await sql.query<Row>('SELECT * FROM hub.duty_roster');
    for (const row of stored) known.set(row.compound, row);
    return rows[0]?.position ?? null;
  });
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const events of log.subscribe(position, { signal, wants: isOfRoster })) {
          for (const event of events) {
            if (isOfRoster(event.type)) known.set(compoundOf(event), evolveRow(known.get(compoundOf(event)), event));
          }
          position = events.at(-1)?.position ?? position;
        }
      } catch (error) {
        logger.error({ err: error }, 'the duty rosters lost the log, trying again');
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  };
  void follow();
  return { of: (compound) => known.get(compound)?.roster ?? emptyRoster };
};
