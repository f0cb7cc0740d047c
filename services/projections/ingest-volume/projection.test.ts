import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { EventMeta, RecordedEvent } from '../../event-log/event.ts';
import { openPool } from '../../runtime/postgres.ts';
import { ingestVolumeProjection } from './projection.ts';

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;

beforeAll(async () => {
  server = await postgresForTests();
  pool = openPool(await server.newDatabase(), { maxConnections: 1 });
  await pool.query('CREATE SCHEMA hub');
  await pool.query(ingestVolumeProjection.schema);
});
afterAll(async () => {
  await pool?.end();
  await server?.stop();
});

const event = (revision: number, type: string, receivedAt: string, meta: Partial<EventMeta> = {}): RecordedEvent => ({
  id: `00000000-0000-8000-8000-00000000000${revision}`,
  ...{ stream: 'device-gate-1', revision, position: String(revision + 1), type, data: {} },
  meta: {
    ...{ schemaVersion: 1, occurredAt: receivedAt, receivedAt, clock: 'trusted' as const },
    ...{ compound: 'garden', device: 'gate-1', ...meta },
  },
});

test('counts what devices said by hour and subject, once, however often and however cut it comes', async () => {
  const events = [
    event(0, 'device.registered', '2026-07-01T03:00:00.000Z'),
    event(1, 'device.connected', '2026-07-01T03:59:59.999Z'),
    event(2, 'gate.passed', '2026-07-01T04:00:00.000Z'),
    event(3, 'gate.passed', '2026-07-01T04:10:00.000Z', { occurredAt: '2026-07-01T04:08:59.999Z' }),
    event(4, 'gate.denied', '2026-07-01T04:20:00.000Z', { occurredAt: '2026-07-01T04:19:00.000Z', clock: 'untrusted' }),
    event(5, 'ingest.payload-refused', '2026-07-01T04:30:00.000Z'),
    event(6, 'device.command-sent', '2026-07-01T04:40:00.000Z'),
  ];
  const apply = (some: RecordedEvent[]) => ingestVolumeProjection.apply(pool, some);
  await apply(events.slice(0, 3));
  await apply(events.slice(2, 6));
  await apply([...events, ...events]);
  const { rows } = await pool.query(
    `SELECT to_char(hour AT TIME ZONE 'UTC', 'HH24:MI') AS hour, compound, subject, events, late, clock_untrusted
     FROM hub.ingest_hour ORDER BY hour, subject`,
  );
  const garden = { compound: 'garden', late: 0, clock_untrusted: 0 };
  expect(rows).toEqual([
    { ...garden, hour: '03:00', subject: 'device', events: 1 },
    { ...garden, hour: '04:00', subject: 'gate', events: 3, late: 1, clock_untrusted: 1 },
    { ...garden, hour: '04:00', subject: 'ingest', events: 1 },
  ]);
});
