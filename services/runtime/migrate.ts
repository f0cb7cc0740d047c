import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Transact } from './sql.ts';
import { StartRefused } from './start-refused.ts';

const defaultFolder = fileURLToPath(new URL('../../infra/postgres/', import.meta.url));
const migrationLock = 7_809_001;
const fileName = /^(\d{4})-[a-z0-9-]+\.sql$/;

/**
 * Brings schema `hub` to what this code knows: files `0001-….sql` in order, each once, all in one transaction, so that
 * hubs starting together wait for each other. Forward only: a schema from a newer hub is refused.
 */
export const migrate = async (transact: Transact, folder = defaultFolder): Promise<void> => {
  const files = (await readdir(folder)).filter((name) => fileName.test(name)).sort();
  const numberOf = (name: string): number => Number(fileName.exec(name)![1]);
  const newestKnown = Math.max(0, ...files.map(numberOf));
  const twice = files.find((name, index) => index > 0 && numberOf(name) === numberOf(files[index - 1]!));
  if (twice !== undefined)
    throw new Error(`two migrations have the number of ${twice}: give the newer one a fresh number`);
  await transact(async (sql) => {
    // Waiting for another hub's migration, and a long one of our own, take the time that they take.
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    // Asked first, because IF NOT EXISTS demands the right to create even where nothing is to be created.
    const { rowCount } = await sql.query(`SELECT FROM pg_namespace WHERE nspname = 'hub'`);
    if (rowCount === 0) await sql.query('CREATE SCHEMA hub');
    await sql.query(
      `CREATE TABLE IF NOT EXISTS hub.migration (
         number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const { rows } = await sql.query<{ number: number }>('SELECT number FROM hub.migration');
    const applied = new Set(rows.map(({ number }) => number));
    const newestApplied = Math.max(0, ...applied);
    if (newestApplied > newestKnown) {
      throw new StartRefused(
        `The database's schema (${newestApplied}) is newer than this hub knows (${newestKnown}): ` +
          'start the newer version of the hub, or restore the backup from before the update.',
      );
    }
    for (const name of files) {
      if (applied.has(numberOf(name))) continue;
      await sql.query(await readFile(`${folder}/${name}`, 'utf8')).catch((error: Error) => {
        throw new Error(`migration ${name} failed, and nothing of it was kept: ${error.message}`, { cause: error });
      });
      await sql.query('INSERT INTO hub.migration (number, name) VALUES ($1, $2)', [numberOf(name), name]);
    }
  });
};
