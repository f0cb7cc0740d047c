import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Sql } from '../../runtime/sql.ts';
import { genesisHash } from '../chain.ts';
import type { LogHead } from '../event-log.ts';
import { faultOfGatherings } from '../gather-seals.ts';
import { type Fault, faultOfHead, type Progress, startOfLog, type Verdict, verdictOf } from '../verify-chain.ts';
import { expiredShelves } from './expired-shelves.ts';
import { sealedPostgresLog } from './sealed-log.ts';
import { openVerifier, type Verifier } from './verify-client.ts';
import type { Range, RangeOutcome } from './verify-range.ts';
import type { Answer, Request } from './verify-worker.ts';

/** How many events a range has at least: enough that its queries cost nothing beside it, few enough to hold them. */
const rangeEvents = 20_000;
/** A process takes half a second to start, and keeps the checking away from whoever else has work to do. */
const processesFrom = 200_000;
const processesMax = 2;

/** Under the loader that runs TypeScript, whatever loader runs this file. */
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('./verify-worker.ts', import.meta.url));

const startProcess = (url: string): Verifier => {
  const child = fork(program, { execArgv: ['--import', loader], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const say = (request: Request): void => void child.send(request);
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('a process of the check ended early')));
  });
  ended.catch(() => {});
  say({ url });
  return {
    verify(range) {
      say({ range });
      const answered = new Promise<RangeOutcome>((resolve, reject) => {
        child.once('message', (answer: Answer) =>
          'error' in answer ? reject(new Error(answer.error)) : resolve(answer.outcome),
        );
      });
      return Promise.race([answered, ended]);
    },
    async close() {
      child.disconnect();
      await ended.catch(() => {});
    },
  };
};

const openVerifiers = async (url: string, events: number, alone: boolean): Promise<Verifier[]> => {
  if (events < processesFrom) return [await openVerifier(url)];
  if (alone && availableParallelism() > 1) return [startProcess(url), await openVerifier(url)];
  return Array.from({ length: Math.min(processesMax, availableParallelism()) }, () => startProcess(url));
};

type Boundary = Range['after'];

/** The first seal that ends at `position` or after it, else the last one before. */
const boundaryAt = async (sql: Sql, position: number): Promise<Boundary> => {
  const { rows } = await sql.query<{ last_position: string; hash: string }>(
    `(SELECT last_position, hash FROM hub.seal WHERE last_position >= $1 ORDER BY last_position LIMIT 1)
     UNION ALL (SELECT last_position, hash FROM hub.seal WHERE last_position < $1 ORDER BY last_position DESC LIMIT 1)
     LIMIT 1`,
    [position],
  );
  return rows[0] === undefined
    ? { position: 0, hash: genesisHash }
    : { position: Number(rows[0].last_position), hash: rows[0].hash };
};

const firstUnsealed = async (sql: Sql): Promise<Fault | undefined> => {
  const { rows } = await sql.query<{ position: string }>(
    `SELECT position FROM hub.event WHERE position > coalesce((SELECT max(last_position) FROM hub.seal), 0)
     ORDER BY position LIMIT 1`,
  );
  const position = rows[0]?.position;
  return position === undefined
    ? undefined
    : { brokenAt: Number(position), reason: `no seal covers position ${position}` };
};

type Ends = Pick<Range, 'after' | 'through'>;

/** Hands out the log's ranges in their order, to whoever is free. */
const rangesOf = (sql: Sql, end: number): (() => Promise<Ends | undefined>) => {
  let after: Boundary = { position: 0, hash: genesisHash };
  const next = async (): Promise<Ends | undefined> => {
    if (after.position >= end) return undefined;
    const boundary = await boundaryAt(sql, Math.min(after.position + rangeEvents, end));
    const range = { after, through: boundary.position };
    after = boundary;
    return range;
  };
  let turn: Promise<Ends | undefined> = Promise.resolve(undefined);
  return () => {
    turn = turn.then(next);
    return turn;
  };
};

/** The outcomes in the order of the log, up to the first fault. */
const checkRanges = async (sql: Sql, verifiers: readonly Verifier[], end: number): Promise<RangeOutcome[]> => {
  const nextRange = rangesOf(sql, end);
  const outcomes: { from: number; outcome: RangeOutcome }[] = [];
  let expired = await expiredShelves(sql);
  let isFaulty = false;
  const work = async (verifier: Verifier): Promise<void> => {
    while (!isFaulty) {
      const range = await nextRange();
      if (range === undefined) return;
      let outcome = await verifier.verify({ ...range, expired, looksCloser: false });
      if (outcome.fault !== undefined) {
        // A month may have gone between the look at the records and the look at the events.
        expired = await expiredShelves(sql);
        outcome = await verifier.verify({ ...range, expired, looksCloser: true });
      }
      // Whatever comes before this range is with somebody already, and will be looked at to its end.
      if (outcome.fault !== undefined) isFaulty = true;
      outcomes.push({ from: range.after.position, outcome });
    }
  };
  await Promise.all(verifiers.map(work));
  return outcomes.sort((left, right) => left.from - right.from).map(({ outcome }) => outcome);
};

/**
 * Recomputes the chain from its first seal to the newest at the call, in processes of its own where the log is long, so
 * that nobody else waits; a process that has nothing else to do (`alone`) takes its share. `heads` are heads that
 * somebody kept elsewhere.
 */
export const verifyLog = async (
  { sql, url, alone }: { sql: Sql; url: string; alone: boolean },
  heads: readonly LogHead[] = [],
): Promise<Verdict> => {
  const end = await boundaryAt(sql, Number.MAX_SAFE_INTEGER);
  const verifiers = await openVerifiers(url, end.position, alone);
  let at: Progress = startOfLog();
  try {
    for (const outcome of await checkRanges(sql, verifiers, end.position)) {
      at = { ...outcome.at, expired: at.expired + outcome.at.expired };
      if (outcome.fault !== undefined) return verdictOf(at, outcome.fault);
    }
  } finally {
    for (const verifier of verifiers) await verifier.close();
  }
  const unsealed = await firstUnsealed(sql);
  if (unsealed !== undefined) return verdictOf(at, unsealed);
  const wrong = await faultOfGatherings(sealedPostgresLog(sql));
  if (wrong !== undefined) return verdictOf(at, { ...wrong, brokenAt: Number(wrong.brokenAt) });
  for (const head of heads) {
    if (head.position === null) continue;
    const { rows } = await sql.query<{ hash: string }>('SELECT hash FROM hub.seal WHERE last_position = $1', [
      head.position,
    ]);
    const lost = faultOfHead(head, rows[0]?.hash, at.position);
    if (lost !== undefined) return verdictOf(at, lost);
  }
  return verdictOf(at, undefined);
};
