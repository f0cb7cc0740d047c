import { rm } from 'node:fs/promises';
import { startEmbeddedPostgres } from '../../services/runtime/embedded-postgres.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { embeddedServer, temporaryFolder } from './hub-process.ts';

/** The very PostgreSQL that the hub brings, with the hub's settings and fsync on, for whatever is held against it. */
export const withPostgres = async <T>(
  work: (server: { url: string; pid: number; sql: ReturnType<typeof openPool> }) => Promise<T>,
): Promise<T> => {
  const dataDir = await temporaryFolder();
  try {
    const server = await startEmbeddedPostgres({ dataDir });
    const sql = openPool(server.url, { maxConnections: 4, statementTimeoutSeconds: 0 });
    try {
      return await work({ url: server.url, pid: (await embeddedServer(dataDir)).pid, sql });
    } finally {
      await sql.end();
      await server.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};
