import { sampleEvent } from '../../test/contract/event-log.suite.ts';
import { postgresForTests } from '../../test/postgres-for-tests.ts';
import { openPostgresEventLog } from '../event-log/postgres/postgres-event-log.ts';
import { systemClock } from '../runtime/clock.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import { createRunner } from './runner.ts';

test('a projection says that a row of the log is damaged, and does not go past it', async () => {
  const server = await postgresForTests();
  const url = await server.newDatabase();
  const pool = openPool(url, { maxConnections: 2 });
  const writer = await openPostgresEventLog({ url, clock: systemClock });
  for (const value of [1, 2, 3])
    await writer.append([{ stream: 'device-a', expectedRevision: 'any', events: [sampleEvent({ value })] }]);
  await writer.close();
  await pool.query(`UPDATE hub.event SET data = '{"value":7}' WHERE position = 2`);
  const log = await openPostgresEventLog({ url, clock: systemClock, readOnly: true });
  const projection = {
    name: 'nothing',
    version: 1,
    schema: 'SELECT 1',
    tables: [],
    handles: [],
    apply: async () => {},
  };
  const runner = createRunner(
    { log, transact: transact(pool), clock: systemClock, logger: silentLogger, metrics: createMetrics() },
    [projection],
  );
  await runner.start();
  for (let tries = 0; runner.status()[0]!.failing === null && tries < 300; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(runner.status()[0]).toMatchObject({ failing: expect.stringMatching('position 2 '), position: null });
  await runner.stop();
  await log.close();
  await pool.end();
  await server.stop();
}, 60_000);
