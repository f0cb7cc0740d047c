import type { Projection } from '../../event-log/projection.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.reading (
    device text NOT NULL,
    quantity text NOT NULL,
    at timestamptz NOT NULL,
    event uuid NOT NULL,
    compound text NOT NULL,
    channel text,
    value double precision NOT NULL,
    PRIMARY KEY (device, quantity, at, event));
  CREATE INDEX IF NOT EXISTS reading_compound_at ON hub.reading (compound, at)`;

interface Measured {
  values?: Record<string, number>;
  channel?: string;
  connector?: number;
}

/** One row per quantity and instant. A reading that came with an untrusted clock stands at its receive time. */
export const timeSeriesProjection: Projection = {
  name: 'time-series',
  version: 1,
  schema,
  tables: ['hub.reading'],
  handles: ['sensor.measured', 'charging.metered'],
  async apply(sql, events) {
    const rows = events.flatMap(({ id, data, meta }) => {
      const { values, channel, connector } = data as Measured;
      return Object.entries(values ?? {}).map(([quantity, value]) => ({
        device: meta.device,
        compound: meta.compound,
        quantity,
        at: meta.occurredAt,
        event: id,
        channel: channel ?? (connector === undefined ? null : `connector-${connector}`),
        value,
      }));
    });
    await sql.query(
      `INSERT INTO hub.reading (device, quantity, at, event, compound, channel, value)
       SELECT device, quantity, at, event, compound, channel, value
       FROM jsonb_to_recordset($1::jsonb) AS row (device text, quantity text, at timestamptz, event uuid,
         compound text, channel text, value double precision)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows)],
    );
  },
};
