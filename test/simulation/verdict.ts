import type { Pool } from 'pg';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { PostgresForTests } from '../postgres-for-tests.ts';
import { auditDeadlines } from './audit/deadlines.ts';
import { auditDeliveries } from './audit/deliveries.ts';
import { auditGaps, auditReadModels } from './audit/hub.ts';
import { instantsOf, orderStreams } from './audit/instants.ts';
import { auditLadder } from './audit/ladder.ts';
import { auditMessages } from './audit/messages.ts';
import { auditNotices } from './audit/notices.ts';
import { auditOrders } from './audit/orders.ts';
import { auditRatings } from './audit/ratings.ts';
import { type Simulated, type SimulationOptions, simulate } from './simulate.ts';

export interface Verdict {
  complaints: string[];
  /** How much there was to look at: a check that never had anything to check proves nothing. */
  seen: Record<string, number>;
}

const isLate = ({ meta }: Simulated['events'][number]): boolean =>
  Date.parse(meta.receivedAt) - Date.parse(meta.occurredAt) > 900_000;

/** What has an instant: deadlines, the ladder, notices to people. */
export const auditClocks = ({ ledger, events, endMs }: Pick<Simulated, 'ledger' | 'events' | 'endMs'>): Verdict => {
  const when = instantsOf(ledger);
  const streams = orderStreams(events, when, endMs);
  const deadlines = auditDeadlines(streams, when);
  const ladder = auditLadder(events, streams, when, endMs);
  const notices = auditNotices(events, streams, when, endMs);
  return {
    complaints: [...deadlines.complaints, ...ladder.complaints, ...notices.complaints],
    seen: {
      'deadlines told': deadlines.told,
      'notices to people': notices.told,
      'orders on the ladder': ladder.climbed,
    },
  };
};

/** The auditor's verdict over everything that was played. */
export const judge = async (played: Simulated, pool: Pool): Promise<Verdict> => {
  const { ledger, events, ratings, endMs } = played;
  const messages = auditMessages(ledger, events);
  const rated = auditRatings(ledger, events, ratings, endMs);
  const clocks = auditClocks(played);
  const deliveries = await auditDeliveries(ledger, events, pool);
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  const notes = (what: string): number => ledger.hub.filter((note) => note.what === what).length;
  return {
    complaints: [
      ...messages.complaints,
      ...auditOrders(ledger, events, endMs),
      ...clocks.complaints,
      ...deliveries.complaints,
      ...rated.complaints,
      ...auditGaps(ledger, events),
      ...(await auditReadModels(played, pool, transact(pool))),
    ],
    seen: {
      messages: ledger.messages.length,
      'delivered more than once': ledger.messages.filter(({ deliveriesMs }) => deliveriesMs.length > 1).length,
      facts: messages.facts.length,
      events: events.length,
      'events told late': events.filter(isLate).length,
      refused: count('ingest.payload-refused'),
      crashes: notes('crashed'),
      'outages of the log': notes('log-down'),
      'gaps on record': count('compound.gap-recorded'),
      connections: ledger.connections.filter(({ what }) => what === 'opened').length,
      orders: count('work-order.raised'),
      'orders raised late': events.filter(
        ({ type, data }) => type === 'work-order.raised' && (data as { late: boolean }).late,
      ).length,
      'orders closed': count('work-order.closed'),
      'timers of faults': count('fault.came-due'),
      'pauses of orders': count('work-order.paused'),
      ...clocks.seen,
      'deliveries to targets': deliveries.taken,
      'deliveries that failed': deliveries.tried - deliveries.taken,
      'commands done': ledger.commands.filter(({ answer }) => answer === 'done').length,
      'closings refused': ledger.commands.filter(({ answer }) => answer === 'work-order.device-still-faulty').length,
      'commands without an answer': ledger.commands.filter(({ answer }) => answer === 'unknown').length,
      'measures compared': rated.compared,
    },
  };
};

/** Plays a world in a database of its own and judges it. */
export const playAndJudge = async (
  postgres: PostgresForTests,
  options: Omit<SimulationOptions, 'pool'>,
): Promise<{ played: Simulated; verdict: Verdict }> => {
  const url = await postgres.newDatabase();
  const pool = openPool(url, { maxConnections: 5 });
  try {
    await migrate(transact(pool));
    const played = await simulate({ ...options, pool });
    return { played, verdict: await judge(played, pool) };
  } finally {
    await pool.end();
    await postgres.dropDatabase(url);
  }
};
