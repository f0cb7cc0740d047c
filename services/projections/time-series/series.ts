import type { Sql } from '../../runtime/sql.ts';

/** What a reading is of. */
export interface Series {
  device: string;
  quantity: string;
  compound: string;
  channel: string | null;
}

interface Numbered extends Series {
  id: number;
}

const knownOf = async (sql: Sql, devices: readonly string[]): Promise<Numbered[]> => {
  const { rows } = await sql.query<Numbered>(
    'SELECT id, device, quantity, compound, channel FROM hub.reading_series WHERE device = ANY($1)',
    [devices],
  );
  return rows;
};

/** Numbered in the order of their first reading, without gaps: a rebuild numbers them alike, as a sequence would not. */
const number = async (sql: Sql, added: readonly Numbered[]): Promise<void> => {
  const { rows } = await sql.query<{ newest: number }>('SELECT coalesce(max(id), 0) AS newest FROM hub.reading_series');
  for (const [nth, series] of added.entries()) series.id = rows[0]!.newest + nth + 1;
  await sql.query(
    `INSERT INTO hub.reading_series (id, device, quantity, compound, channel)
     SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[])`,
    [
      added.map(({ id }) => id),
      added.map(({ device }) => device),
      added.map(({ quantity }) => quantity),
      added.map(({ compound }) => compound),
      added.map(({ channel }) => channel),
    ],
  );
};

/** The number of each reading's series, those that were never heard before included. */
export const seriesOf = async (sql: Sql, readings: readonly Series[]): Promise<number[]> => {
  const byDevice = new Map<string, Numbered[]>(readings.map(({ device }) => [device, []]));
  for (const series of await knownOf(sql, [...byDevice.keys()])) byDevice.get(series.device)!.push(series);
  const added: Numbered[] = [];
  const found = readings.map(({ device, quantity, compound, channel }) => {
    const own = byDevice.get(device)!;
    let series = own.find(
      (known) => known.quantity === quantity && known.compound === compound && known.channel === channel,
    );
    if (series === undefined) {
      series = { id: 0, device, quantity, compound, channel };
      own.push(series);
      added.push(series);
    }
    return series;
  });
  if (added.length > 0) await number(sql, added);
  return found.map(({ id }) => id);
};
