import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../../services/runtime/sql.ts';
import { buildings, compounds, people, trades, withFilledFolder } from './filled-board.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';
import { type BenchOptions, profilingFlags } from './options.ts';
import { logState } from './projection-lag.ts';
import { type BenchResult, resultOf } from './result.ts';

const openOrders = 50_000;
const newPerMinute = 1_000;
const readers = 5;
const readerRestMs = 200;
/** A fire alarm is to be acknowledged within a minute: what is raised in the first part runs out in the second. */
const runSeconds = 100;
const lookEveryMs = 50;

const any = <T>(list: readonly T[], turn: number): T => list[(turn * 7) % list.length]!;

/** What people ask the board for, from the whole list to a word in it. */
const questions: Record<string, (turn: number) => string> = {
  'first page': () => '?limit=50',
  'a long page': () => '?state=open&limit=500',
  'a compound': (turn) => `?state=open&compound=${any(compounds, turn)}&limit=100`,
  'a building': (turn) => `?state=open&compound=${any(compounds, turn)}&building=${any(buildings, turn)}`,
  'a trade': (turn) => `?state=open&trade=${any(trades, turn)}`,
  'an assignee': (turn) => `?state=open&assignee=${encodeURIComponent(any(people, turn))}`,
  'a class': () => '?state=open&class=general-repair',
  'a class of a trade': (turn) => `?state=open&class=complaint&trade=${any(trades, turn)}`,
  overdue: () => '?state=open&overdue=true',
  'overdue of a compound': (turn) => `?state=open&overdue=true&compound=${any(compounds, turn)}`,
  'a state': () => '?state=paused',
  'what has ended': () => '?state=ended',
  'a word of many': () => `?text=${encodeURIComponent('门禁')}`,
  'a word of few': () => `?text=${encodeURIComponent('着急')}&state=open`,
  'a word of one': (turn) => `?text=${turn}&compound=${any(compounds, turn)}`,
  'a word of none': () => `?text=${encodeURIComponent('独角兽')}`,
};

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((left, right) => left - right)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** Everything that follows the log has read what the folder was filled with. */
const untilFollowed = async (sql: Sql): Promise<void> => {
  for (;;) {
    const { head, slowest } = await logState(sql);
    if (slowest >= head) return;
    await sleep(500);
  }
};

type Answers = Map<string, number[]>;

const read = async (hub: HubProcess, untilMs: number, answers: Answers, reader: number): Promise<void> => {
  const names = Object.keys(questions);
  for (let turn = reader * 1_000; performance.now() < untilMs; turn += 1) {
    const name = names[turn % names.length]!;
    const startMs = performance.now();
    await hub.api.get(`/api/work-orders${questions[name]!(turn)}`);
    answers.get(name)!.push(performance.now() - startMs);
    await sleep(readerRestMs);
  }
};

/** Raises orders at the pace of a bad day, whether or not the hub keeps up with it. */
const raise = async (hub: HubProcess, untilMs: number): Promise<{ raised: number; failed: number }> => {
  const startMs = performance.now();
  const everyMs = 60_000 / newPerMinute;
  const under: Promise<void>[] = [];
  let failed = 0;
  for (let nth = 0; performance.now() < untilMs; nth += 1) {
    const body = {
      ...{ compound: any(compounds, nth), building: any(buildings, nth), trade: any(trades, nth) },
      title: { zh: '火警', en: 'Fire alarm' },
      serviceLevel: nth % 4 === 0 ? 'fire-alarm' : 'general-repair',
    };
    under.push(
      hub.api.post('/api/work-orders', body).then(
        () => undefined,
        () => {
          failed += 1;
        },
      ),
    );
    await sleep(Math.max(0, startMs + (nth + 1) * everyMs - performance.now()));
  }
  await Promise.all(under);
  return { raised: under.length - failed, failed };
};

/** How late the board shows that a clock ran out, in seconds: the hub's own word, appended to the log and followed. */
const watchDeadlines = async (sql: Sql, untilMs: number): Promise<number[]> => {
  const seen = new Map<string, number>();
  while (performance.now() < untilMs) {
    const { rows } = await sql.query<{ id: string; late: number }>(
      `SELECT id, extract(epoch FROM clock_timestamp() - overdue_until)::float8 AS late
       FROM hub.work_order WHERE overdue_until IS NOT NULL`,
    );
    for (const { id, late } of rows) if (!seen.has(id)) seen.set(id, late);
    await sleep(lookEveryMs);
  }
  return [...seen.values()];
};

const measure = async (hub: HubProcess) => {
  const answers: Answers = new Map(Object.keys(questions).map((name) => [name, []]));
  await untilFollowed(hub.sql);
  await hub.sql.query('ANALYZE hub.work_order, hub.work_order_search');
  const before = await hub.cpu();
  const untilMs = performance.now() + runSeconds * 1000;
  const [lateSeconds, { raised, failed }] = await Promise.all([
    watchDeadlines(hub.sql, untilMs),
    raise(hub, untilMs),
    ...Array.from({ length: readers }, (_, reader) => read(hub, untilMs, answers, reader)),
  ]);
  const cpu = await hub.cpu();
  const busyShare = (used: number): number => Number((used / 1e6 / runSeconds).toFixed(3));
  const cores = { hub: busyShare(cpu.hub - before.hub), postgres: busyShare(cpu.postgres - before.postgres) };
  return { answers, lateSeconds, raised, failed, cores };
};

/** The board with fifty thousand open orders and a thousand new ones a minute: how soon it answers and keeps a clock. */
export const board = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { answers, lateSeconds, ...run } = await withFilledFolder(openOrders, async (dataDir) => {
    const hub = await startHubProcess({ dataDir, nodeFlags: profilingFlags(options) });
    try {
      return await measure(hub);
    } finally {
      await hub.stop();
    }
  });
  const all = [...answers.values()].flat();
  const words = `with ${openOrders} open orders and ${newPerMinute} new ones a minute`;
  const p99Ms = Object.fromEntries([...answers].map(([name, took]) => [name, Number(quantile(took, 0.99).toFixed(1))]));
  emit(
    resultOf('board: GET /api/work-orders, p99', 'ms', [quantile(all, 0.99)], {
      target: { atMost: 200, words },
      details: { answers: all.length, medianMs: Number(quantile(all, 0.5).toFixed(1)), p99Ms, ...run },
    }),
  );
  emit(
    resultOf('board: an overrun deadline shown, the latest', 's', [Math.max(...lateSeconds)], {
      target: { atMost: 1, words },
      details: { deadlines: lateSeconds.length, median: quantile(lateSeconds, 0.5), p99: quantile(lateSeconds, 0.99) },
    }),
  );
};
