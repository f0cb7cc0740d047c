import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { openPool } from '../../runtime/postgres.ts';
import { createProofCheck } from '../check-proof.ts';
import { eventId } from '../event-id.ts';
import { gatherSeals } from '../gather-seals.ts';
import type { ProofLine } from '../proof-lines.ts';
import { proveEvents } from '../prove-events.ts';
import { openPostgresEventLog, type PostgresEventLog } from './postgres-event-log.ts';

const clock = { now: () => Date.parse('2026-11-21T12:00:00Z') };
let server: PostgresForTests;
let url: string;
let log: PostgresEventLog;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(() => server.stop(), 60_000);
beforeEach(async () => {
  url = await server.newDatabase();
  log = await openPostgresEventLog({ url, clock, lockWaitSeconds: 2 });
});
afterEach(() => log.close());

const reading = (instant: string, source: string) => ({
  ...sampleEvent({ source, text: '北门\\\t' }),
  id: eventId({ occurredAtMs: Date.parse(instant), device: 'sensor-1', source }),
});
/** Commits that reach over three shelves: what is kept, October and November. */
const fill = async (commits: number): Promise<void> => {
  for (let commit = 0; commit < commits; commit += 1) {
    const telemetry = [
      reading('2026-11-20T00:00:00Z', `${commit} a`),
      reading('2026-10-20T00:00:00Z', `${commit} b`),
      reading('2026-11-20T00:00:00Z', `${commit} c`),
    ];
    await log.append([
      { stream: 'telemetry-a', expectedRevision: 'any', events: telemetry },
      { stream: 'device-a', expectedRevision: 'any', events: [sampleEvent(), sampleEvent()] },
    ]);
  }
};
const prove = async (positions: number[]) => {
  const { position, hash } = await log.head();
  const head = { position: Number(position), hash };
  const lines: ProofLine[] = [];
  for await (const line of proveEvents(log.sealed, { head, positions })) lines.push(line);
  return { head, lines };
};
const check = ({ head, lines }: Awaited<ReturnType<typeof prove>>) => {
  const checking = createProofCheck(head);
  for (const line of lines) {
    const fault = checking.take(line);
    if (fault !== undefined) return fault;
  }
  return checking.end() ?? checking.counts();
};
const gather = () => gatherSeals({ sealed: log.sealed, append: log.append, clock }, { fewest: 3, most: 4 });

test('events on every shelf are shown up to the head, before and after their seals were gathered', async () => {
  await fill(9);
  const before = await prove([2, 3, 4, 41, 45]);
  expect(check(before)).toEqual({ events: 5, commits: 2 });
  // Two runs of four, and one of the last commit with the two that said so.
  expect(await gather()).toBe(3);
  await fill(2);
  const after = await prove([2, 3, 4, 41, 45]);
  expect(check(after)).toEqual({ events: 6, commits: 3 });
  const shown = after.lines.flatMap((line) => (line.kind === 'event' ? [line] : []));
  for (const { position, id, data } of shown) {
    const [recorded] = await log.readAll(String(Number(position) - 1), 1);
    expect({ id, data: JSON.parse(data) }).toEqual({ id: recorded!.id, data: recorded!.data });
  }
});

test('shelf, members and root of a part can be no other', async () => {
  await fill(2);
  const proof = await prove([7]);
  const at = proof.lines.findIndex(({ kind }) => kind === 'commit');
  const commit = proof.lines[at] as Extract<ProofLine, { kind: 'commit' }>;
  const shelves = commit.parts as [string, string | null, string][];
  expect(shelves).toHaveLength(3);
  for (const [index, part] of shelves.entries()) {
    for (const [field, other] of ['kept?', 'AA==', '0'.repeat(64)].entries()) {
      const parts = shelves.with(index, part.with(field, other) as typeof part);
      const lines = proof.lines.with(at, { ...commit, parts });
      expect(check({ ...proof, lines })).toEqual(expect.any(String));
    }
  }
});

test('a log that was damaged proves nothing of the commit', async () => {
  await fill(1);
  const pool = openPool(url, { maxConnections: 1 });
  await pool.query(`UPDATE hub.event SET data = '{}', checksum = NULL WHERE position = 2`);
  await pool.end();
  await expect(prove([2])).rejects.toMatchObject({ code: 'event-log.unprovable-event' });
});
