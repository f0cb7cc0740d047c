import { openPostgresEventLog } from '../../services/event-log/postgres/postgres-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type FaultPoint, installFaultPoints } from '../../services/runtime/fault-points.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';

let postgres: PostgresForTests;
beforeAll(async () => {
  postgres = await postgresForTests();
});
afterAll(() => postgres.stop());
afterEach(() => installFaultPoints(() => undefined));

const failAt = (wanted: FaultPoint, times: number): void => {
  let left = times;
  installFaultPoints((point) => {
    if (point !== wanted || left === 0) return;
    left -= 1;
    throw new Error(`made up at ${point}`);
  });
};

test('an append that waits behind one that fails does not overtake it', async () => {
  const log = await openPostgresEventLog({ url: await postgres.newDatabase(), clock: systemClock });
  const [first, second] = [sampleEvent(), sampleEvent()];
  const append = (event: typeof first) =>
    log.append([{ stream: 'device-a', expectedRevision: 'any', events: [event] }]);
  // Once for the append and once for its repetition.
  failAt('append-writing', 2);
  const failing = append(first);
  await new Promise((resolve) => setImmediate(resolve));
  const behind = append(second);
  await expect(failing).rejects.toThrow('made up');
  await expect(behind).rejects.toThrow('made up');
  await append(first);
  await append(second);
  expect((await log.readAll(null, 10)).map(({ id }) => id)).toEqual([first.id, second.id]);
  await log.close();
});
