import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { openPostgresEventLog } from '../../services/event-log/postgres/postgres-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { proofSuite } from './proofs.suite.ts';

proofSuite(
  'memory',
  async () => {
    const log = createMemoryEventLog();
    return { log, sealed: log.sealed, verify: log.verify, destroy: log.close };
  },
  60,
);

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(() => server.stop(), 60_000);

proofSuite(
  'postgres',
  async () => {
    const log = await openPostgresEventLog({ url: await server.newDatabase(), clock: systemClock, lockWaitSeconds: 2 });
    return { log, sealed: log.sealed, verify: log.verify, destroy: log.close };
  },
  5,
);
