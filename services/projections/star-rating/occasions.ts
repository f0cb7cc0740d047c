import type { RecordedEvent } from '../../event-log/event.ts';
import { handlesType, type Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';

/** Told by people or once a day: such a word can move a star by itself. What devices say moves shares of a month. */
export const occasionsAtOnce: Pick<Projection, 'handles'> = {
  handles: [
    ...['compound.registered', 'compound.changed', 'device.registered', 'device.changed', 'device.retired'],
    'camera.retention-reported',
    ...['work-order.*', 'meeting.*', 'whistle.*'],
  ],
};
/** The rater's own words, and those that follow from a rating. */
const ownWords = 'rating.';

/** Compounds of which something is told, and whether it can move their stars at once. Pure. */
export const occasionsIn = (events: readonly RecordedEvent[]): Map<string, boolean> => {
  const occasions = new Map<string, boolean>();
  // Looked up once a type: there are a few dozen, and thousands of events a batch.
  const answers = new Map<string, boolean | 'own'>();
  for (const { type, data, meta } of events) {
    const { compound } = meta;
    if (compound === undefined) continue;
    // A device that is moved is missed in one compound and counts in another.
    const other = type === 'device.changed' ? (data as { compound?: string }).compound : undefined;
    if (other !== undefined) occasions.set(other, true);
    let answer = answers.get(type);
    if (answer === undefined) {
      answer = type.startsWith(ownWords) ? 'own' : handlesType(occasionsAtOnce, type);
      answers.set(type, answer);
    }
    if (answer === 'own' || (occasions.has(compound) && !answer)) continue;
    occasions.set(compound, answer);
  }
  return occasions;
};

/** What stands there already is not even asked to conflict, which would write a lock into its row. */
export const addOccasions = async (sql: Sql, events: readonly RecordedEvent[]): Promise<void> => {
  const occasions = [...occasionsIn(events)];
  if (occasions.length === 0) return;
  await sql.query(
    `INSERT INTO hub.rating_occasion AS known (compound, at_once)
     SELECT new.compound, new.at_once FROM unnest($1::text[], $2::boolean[]) AS new (compound, at_once)
     WHERE NOT EXISTS (SELECT FROM hub.rating_occasion AS known
       WHERE known.compound = new.compound AND known.at_once >= new.at_once)
     ON CONFLICT (compound) DO UPDATE SET at_once = known.at_once OR excluded.at_once`,
    [occasions.map(([compound]) => compound), occasions.map(([, now]) => now)],
  );
};

export interface Occasion {
  compound: string;
  atOnce: boolean;
}

export const occasions = async (sql: Sql): Promise<Occasion[]> => {
  const { rows } = await sql.query<Occasion>('SELECT compound, at_once AS "atOnce" FROM hub.rating_occasion');
  return rows;
};

/** To be called before the facts are read: what is told from then on is an occasion again. `undefined`: there was none. */
export const takeOccasion = async (sql: Sql, compound: string): Promise<Occasion | undefined> => {
  const { rows } = await sql.query<Occasion>(
    'DELETE FROM hub.rating_occasion WHERE compound = $1 RETURNING compound, at_once AS "atOnce"',
    [compound],
  );
  return rows[0];
};
