import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseHead, readHeads } from '../event-log/heads-file.ts';
import { type BackupSummary, backupDatabase, restoreDatabase } from '../event-log/postgres/backup.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Config, readConfig } from '../runtime/config.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { makeKeptTables, rebuilt } from './rebuilt.ts';
import { atDatabase, visitLog } from './visit-log.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const usage = `npm run log -- verify [--head <position>:<hash>] [--heads <file>]
npm run log -- head
npm run log -- backup <file>
npm run log -- restore <file>

The log of HUB_DATA_DIR, DATABASE_URL or EVENT_LOG_URL, beside a running hub or without one.
  verify   recomputes the hash chain; heads that were kept show a cut-off end too. Ends with 1 where something is wrong.
  head     prints position and hash of the newest event: keep it elsewhere.
  backup   writes log, keys, accounts and whatever else can't be computed from the log.
  restore  fills an empty database with it; no hub may run.`;

const tell = (what: string, { head, rows }: BackupSummary): void => {
  const others = Object.entries(rows).filter(([table, count]) => table !== 'event' && count > 0);
  say(`${what}: ${rows.event ?? 0} events, head ${head.position ?? 0}:${head.hash}`);
  say(`Beside them ${others.map(([table, count]) => `${table} ${count}`).join(', ')}.`);
};

/** Log and read models at one instant, so in one database. */
const onePostgres = (config: Config): Config => {
  const { EVENT_LOG_URL, DATABASE_URL } = config;
  if (EVENT_LOG_URL === undefined || EVENT_LOG_URL === DATABASE_URL) return config;
  throw new StartRefused(
    EVENT_LOG_URL.startsWith('postgres')
      ? 'Log and read models are in two databases: back each of them up with pg_dump, the read models first.'
      : "EVENT_LOG_URL names a server that is no PostgreSQL: back it up with that server's own tools.",
  );
};

/** Answers whether the log is whole. */
const verify = async (config: Config, kept: { head?: string | undefined; heads?: string | undefined }) => {
  const { heads: written, unreadable } =
    kept.heads === undefined ? { heads: [], unreadable: 0 } : await readHeads(kept.heads);
  const heads = [...(kept.head === undefined ? [] : [parseHead(kept.head)]), ...written];
  if (unreadable > 0) say(`${unreadable} lines of ${kept.heads} are no heads and were passed over.`);
  return visitLog(config, async ({ opened }) => {
    const startedMs = systemClock.now();
    const verdict = await opened.verify(...heads);
    const seconds = Math.max(0.001, (systemClock.now() - startedMs) / 1000);
    const { events, expired, head } = verdict;
    const gone = expired === 0 ? '' : `, ${expired} more gone with their months`;
    if (verdict.ok) {
      say(`The log is whole: ${events} events${gone}, ${Math.round(events / seconds)} a second.`);
      say(`Head ${head.position ?? 0}:${head.hash}${heads.length === 0 ? '' : `; it fits ${heads.length} kept heads`}`);
    } else {
      say(`The log is broken at position ${verdict.brokenAt}: ${verdict.reason}.`);
      say(`${events} events before it fit${gone}; the last good head is ${head.position ?? 0}:${head.hash}`);
    }
    return verdict.ok;
  });
};

const main = async (): Promise<boolean> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { head: { type: 'string' }, heads: { type: 'string' } },
  });
  const [command, file] = positionals;
  const config = readConfig(process.env);
  if (command === 'verify') return verify(config, values);
  if (command === 'head') {
    const { position, hash } = await visitLog(config, ({ opened }) => opened.log.head());
    say(`${position ?? 0}:${hash}`);
    return true;
  }
  if (command === 'backup' && file !== undefined) {
    const path = resolve(file);
    return atDatabase(onePostgres(config), {}, async (url) => {
      const summary = await backupDatabase(url, path, { rebuilt, nowMs: systemClock.now() });
      tell(`Written to ${path}`, summary);
      return true;
    });
  }
  if (command === 'restore' && file !== undefined) {
    await atDatabase(onePostgres(config), { mayCreate: true }, async (url) => {
      tell('Restored', await restoreDatabase(url, resolve(file), makeKeptTables));
    });
    return verify(config, {});
  }
  throw new StartRefused(usage);
};

main().then(
  (isWell) => process.exit(isWell ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof StartRefused ? error.message : (error as Error).stack}\n`);
    process.exit(1);
  },
);
