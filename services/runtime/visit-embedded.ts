import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { embeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts';
import { openPool } from './postgres.ts';
import { StartRefused } from './start-refused.ts';

export interface Visit {
  url: string;
  /** Stops the server if the visit started it. */
  stop(): Promise<void>;
}

/** The address of the server that runs over a data folder, by its own word; `undefined` where none answers. */
const runningUrl = async (dataDir: string): Promise<string | undefined> => {
  const lines = (await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const secret = (await readFile(join(dataDir, 'password'), 'utf8').catch(() => '')).trim();
  const port = Number(lines[3]);
  if (!(port > 0) || secret === '') return undefined;
  const url = embeddedUrl(secret, port);
  const pool = openPool(url, { maxConnections: 1 });
  try {
    const { rows } = await pool.query<{ folder: string }>('SHOW data_directory');
    // A file left by a crash may name a port that is another server's by now.
    return Object.values(rows[0]!)[0] === join(dataDir, 'cluster') ? url : undefined;
  } catch {
    return undefined;
  } finally {
    await pool.end();
  }
};

/**
 * For a tool beside the hub: the server of a data folder as it runs, else started for the visit. `mayCreate`: makes an
 * empty one where there is none. Throws `StartRefused` where there is nothing to visit.
 */
export const visitEmbeddedPostgres = async (folder: string, { mayCreate = false } = {}): Promise<Visit> => {
  const dataDir = resolve(folder);
  const exists = await stat(join(dataDir, 'cluster')).then(
    () => true,
    () => false,
  );
  if (!exists && !mayCreate) {
    throw new StartRefused(`There is no hub's data in ${dataDir}: set HUB_DATA_DIR to its folder, or DATABASE_URL.`);
  }
  const url = await runningUrl(dataDir);
  return url === undefined ? startEmbeddedPostgres({ dataDir }) : { url, stop: async () => {} };
};
