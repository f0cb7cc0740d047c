import './seeded-randomness.ts';
import { appendingBy, type EventLog, type StreamAppend } from '../../services/event-log/event-log.ts';
import type { Projection } from '../../services/event-log/projection.ts';
import type { PostgresForTests } from '../postgres-for-tests.ts';
import type { Simulated } from './simulate.ts';

// After the seeded randomness: under jest every module takes its source of ids as it is loaded.
const { postgresForTests } = await import('../postgres-for-tests.ts');
const { auditClocks, playAndJudge } = await import('./verdict.ts');
const { auditDeliveries } = await import('./audit/deliveries.ts');

const seed = 1;
const size = { seed, days: 0.5, compounds: 1 };
const timeoutMs = 240_000;
let postgres: PostgresForTests;
/** Played once for all who only look at it. */
let first: Awaited<ReturnType<typeof playAndJudge>>;
beforeAll(async () => {
  postgres = await postgresForTests();
  first = await playAndJudge(postgres, size);
}, timeoutMs);
afterAll(() => postgres.stop());

/** The log with something done once to the batch that `isTarget` names. */
const once =
  (
    isTarget: (batch: StreamAppend[]) => boolean,
    instead: (log: EventLog, batch: StreamAppend[]) => ReturnType<EventLog['append']>,
  ) =>
  () => {
    let isDone = false;
    return (log: EventLog): EventLog => ({
      ...log,
      ...appendingBy((batch) => {
        if (isDone || !isTarget(batch)) return log.append(batch);
        isDone = true;
        return instead(log, batch);
      }),
    });
  };

const holds = (type: string) => (batch: StreamAppend[]) =>
  batch.some(({ events }) => events.some((event) => event.type === type));
const withId = (batch: StreamAppend[], id: string): StreamAppend[] =>
  batch.map((entry) => ({ ...entry, events: entry.events.map((event) => ({ ...event, id })) }));
const otherId = '00000000-0000-4000-8000-000000000001';

/** A router that never sees its first fault. */
const deafOnce = () => {
  let isDone = false;
  return (router: Projection): Projection => ({
    ...router,
    async apply(sql, events) {
      const fault = isDone ? undefined : events.find(({ type }) => type === 'device.disconnected');
      isDone ||= fault !== undefined;
      await router.apply(
        sql,
        events.filter((event) => event !== fault),
      );
    },
  });
};

describe('a world that is played again', () => {
  test(
    'gives the same log byte for byte, and the auditor has nothing to say',
    async () => {
      const second = await playAndJudge(postgres, size);
      expect(second.played.logHash).toBe(first.played.logHash);
      expect(second.verdict).toEqual(first.verdict);
      expect(first.verdict.complaints).toEqual([]);
    },
    timeoutMs,
  );
  test(
    'is another one under another seed',
    async () => {
      const other = await playAndJudge(postgres, { ...size, seed: seed + 1 });
      expect(other.played.logHash).not.toBe(first.played.logHash);
    },
    timeoutMs,
  );
});

describe('the auditor', () => {
  test.each([
    [
      'an acknowledged event that is not in the log',
      once(holds('camera.picture-probed'), async (log) => ({ position: (await log.head()).position!, stored: 1 })),
      /acknowledged and not in the log/,
    ],
    [
      'an event that is there twice',
      once(holds('camera.picture-probed'), async (log, batch) => {
        await log.append(withId(batch.filter(holdsProbe).map(onlyProbe), otherId));
        return log.append(batch);
      }),
      /2 times in the log/,
    ],
    [
      'an event that nobody said',
      once(holds('device.seen'), async (log, batch) => {
        const [entry] = batch;
        const made = { ...entry!.events[0]!, id: otherId, type: 'gate.forced-open' };
        await log.append([{ ...entry!, events: [made] }]);
        return log.append(batch);
      }),
      /said by nobody/,
    ],
    [
      'a second order for a fault',
      once(holds('work-order.raised'), async (log, batch) => {
        const [entry] = batch.filter(({ events }) => events[0]!.type === 'work-order.raised');
        const raised = { ...entry!.events[0]!, id: otherId };
        await log.append([{ stream: 'work-order-second-1', expectedRevision: 'no-stream', events: [raised] }]);
        return log.append(batch);
      }),
      /was raised while/,
    ],
    [
      'an order whose alarm is wrong',
      once(holds('work-order.raised'), (log, batch) =>
        log.append(
          batch.map((entry) => ({
            ...entry,
            events: entry.events.map((event) => ({ ...event, data: { ...(event.data as object), late: true } })),
          })),
        ),
      ),
      /says late: true/,
    ],
  ])(
    'finds %s',
    async (_, mutation, complaint) => {
      const { verdict } = await playAndJudge(postgres, { ...size, mutate: mutation() });
      expect(verdict.complaints.join('\n')).toMatch(complaint);
    },
    timeoutMs,
  );

  test(
    'finds a fault that nobody is on',
    async () => {
      const { verdict } = await playAndJudge(postgres, { ...size, mutateProjection: deafOnce() });
      expect(verdict.complaints.join('\n')).toMatch(/has no order/);
    },
    timeoutMs,
  );
});

describe('the auditor of what has an instant', () => {
  const without = (type: string) => first.played.events.filter((event) => event !== firstOf(type));
  const firstOf = (type: string) => first.played.events.find((event) => event.type === type)!;
  const complaintsOf = (changed: Partial<Simulated>): string =>
    auditClocks({ ...first.played, ...changed }).complaints.join();

  test.each([
    ['a deadline that was not told', 'work-order.overdue', /ran out at .* and was not told/],
    ['a reminder that nobody got', 'notice.issued', /was told to nobody/],
    ['an order that did not climb', 'matter.referred', /had to climb/],
  ])('finds %s', (_, type, complaint) => {
    expect(complaintsOf({ events: without(type) })).toMatch(complaint);
  });
  test.each([
    ['a deadline', 'work-order.overdue', /ran out at .* and was not told/],
    ['a notice', 'notice.issued', /was told at .* only/],
    ['a step on the ladder', 'matter.referred', /had to climb/],
  ])('finds %s that came a minute late', (_, type, complaint) => {
    const { position } = firstOf(type);
    const { ledger } = first.played;
    const commits = ledger.commits.map((commit) =>
      Number(commit.position) >= Number(position)
        ? { ...commit, fromMs: commit.fromMs + 60_000, atMs: commit.atMs + 60_000 }
        : commit,
    );
    expect(complaintsOf({ ledger: { ...ledger, commits } })).toMatch(complaint);
  });
  test('finds what a target never got, what it got twice and what came out of order', async () => {
    const { ledger, events } = first.played;
    const noDeadLetters = { query: async () => ({ rows: [], rowCount: 0 }) };
    const all = ledger.deliveries;
    const taken = all.find(({ answer }) => answer === 'yes')!;
    const told = async (deliveries: typeof all): Promise<string> =>
      (await auditDeliveries({ ...ledger, hub: [], deliveries }, events, noDeadLetters)).complaints.join();
    expect(await told(all.filter(({ event, target }) => event !== taken.event || target !== taken.target))).toMatch(
      /never got/,
    );
    expect(await told([...all, { ...taken, atMs: taken.atMs + 1 }])).toMatch(/again after it had said yes/);
    const opening = all.find(({ target }) => target === ledger.targets[0]!.id)!;
    const late = { ...opening, atMs: opening.atMs + 86_400_000 };
    expect(await told(all.map((one) => (one === opening ? late : one)))).toMatch(/before one that stands before it/);
  });
});

const isProbe = ({ type }: { type: string }): boolean => type === 'camera.picture-probed';
const holdsProbe = ({ events }: StreamAppend): boolean => events.some(isProbe);
const onlyProbe = (entry: StreamAppend): StreamAppend => ({
  ...entry,
  events: entry.events.filter(isProbe).slice(0, 1),
});
