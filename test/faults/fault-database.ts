import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../services/runtime/embedded-postgres.ts';
import { childrenOf, signal } from './processes.ts';
import type { ScenarioContext } from './scenario.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { seconds, until } from './wait.ts';

const startAttempts = 40;

export interface FaultDatabaseOptions {
  /** Where its cluster lies; in the scenario's folder unless said otherwise. */
  dataDir?: string;
  settings?: Record<string, string>;
}

/**
 * A PostgreSQL server outside the hub, with all its care for the disk, behind a wire whose port stays the same when the
 * server is started again.
 */
export const startFaultDatabase = async (context: ScenarioContext, options: FaultDatabaseOptions = {}) => {
  const dataDir = options.dataDir ?? `${context.folder}/postgres`;
  await mkdir(dataDir, { recursive: true });
  await chmod(dataDir, 0o755);
  const said = createWriteStream(`${context.folder}/postgres.log`, { flags: 'a' });
  let server: EmbeddedPostgres;

  const start = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        server = await startEmbeddedPostgres({
          dataDir,
          settings: { shared_buffers: '64MB', max_connections: '100', ...options.settings },
          log: (line) => void said.write(`${line}\n`),
        });
        return;
      } catch (error) {
        // Backends of a killed server may still hold its shared memory for a moment.
        if (attempt === startAttempts) throw error;
        await seconds(0.25);
      }
    }
  };
  await start();
  const proxy = await startTcpProxy(() => Number(new URL(server.url).port));
  const postmaster = async (): Promise<number> =>
    Number.parseInt(await readFile(`${dataDir}/cluster/postmaster.pid`, 'utf8'), 10);
  const everybody = async (): Promise<number[]> => {
    const pid = await postmaster();
    return [pid, ...(await childrenOf(pid))];
  };
  const resume = async (): Promise<void> => {
    for (const pid of (await everybody().catch(() => [])).reverse()) signal(pid, 'SIGCONT');
  };
  context.atEnd(async () => {
    await resume();
    await server.stop();
    await proxy.close();
    said.end();
  });
  const url = new URL(server!.url);
  url.port = String(proxy.port);
  return {
    /** Through the wire; what a hub is given. */
    url: url.href,
    /** Past the wire; what the auditor takes. Another one after every start. */
    directUrl: (): string => server.url,
    proxy,
    postmaster,
    dataDir,
    /** SIGKILL for the postmaster, as by the kernel that runs out of memory; its backends end when they notice. */
    async kill(): Promise<void> {
      signal(await postmaster(), 'SIGKILL');
      let gone = false;
      void server.died.then(() => {
        gone = true;
      });
      await until(20, 'PostgreSQL is gone', () => gone);
      await server.stop();
    },
    start,
    /** Whether the server's process still is; one that has ended by itself is not. */
    isUp: (): Promise<boolean> => Promise.race([server.died.then(() => false), seconds(0.5).then(() => true)]),
    /** As an administrator does. */
    stop: (): Promise<void> => server.stop(),
    /** Nothing answers, and no connection is closed. The postmaster first, so that it starts nobody new. */
    async pause(): Promise<void> {
      signal(await postmaster(), 'SIGSTOP');
      for (const pid of await everybody()) signal(pid, 'SIGSTOP');
    },
    resume,
  };
};

export type FaultDatabase = Awaited<ReturnType<typeof startFaultDatabase>>;
