import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { littleMemory, liveThrough } from '../outage.ts';
import { byLength, type Scenario, type ScenarioContext } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

const run = promisify(execFile);
const diskMb = 320;
/** PostgreSQL goes on for a while in files that it has already; then every commit fails. */
const fullSecondsMax = 60;

/** A small disk of its own; why not, where the machine allows none. */
const mountDisk = async (context: ScenarioContext, folder: string): Promise<string | undefined> => {
  await mkdir(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m,mode=755`, 'tmpfs', folder]);
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1);
  }
  context.atEnd(async () => {
    await run('umount', [folder]).catch(() => run('umount', ['--lazy', folder]));
  });
  return undefined;
};

const fill = async (folder: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const file = await open(`${folder}/fill`, 'a');
  const chunk = Buffer.alloc(1024 * 1024);
  try {
    for (let left = bavail * bsize; left > 0; left -= chunk.length) {
      await file.write(chunk.subarray(0, Math.min(left, chunk.length)));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
};

/** The database's disk runs full under load, and space is made. */
export const diskFull: Scenario = {
  name: 'disk-full',
  async run(context) {
    const folder = `${context.folder}/disk`;
    const refused = await mountDisk(context, folder);
    if (refused !== undefined) return { done: '', found: [], skipped: `no small disk can be made here: ${refused}` };
    const database = await startFaultDatabase(context, {
      dataDir: `${folder}/postgres`,
      settings: { max_wal_size: '48MB', min_wal_size: '32MB' },
    });
    const hub = await superviseHub(context, { environment: { ...littleMemory, DATABASE_URL: database.url } });
    const fleet = await startFleet(context, hub, { messagesPerSecond: 600, inFlightMax: 50 });
    fleet.talk(true);
    await seconds(1.5);
    let serverEnded = false;
    const outage = await liveThrough({
      ...{
        hub,
        fleet,
        recoverySecondsMax: 60,
        lastingSeconds: byLength(context, { short: 4, default: 30, long: 300 }),
      },
      begin: async () => {
        let before = -1;
        await foundWithin(fullSecondsMax, async () => {
          // Again, for what PostgreSQL has freed meanwhile.
          await fill(folder);
          await seconds(1);
          const now = fleet.ledger.counts().acknowledged;
          const still = now === before;
          before = now;
          return still;
        });
      },
      end: async () => {
        await rm(`${folder}/fill`);
        // One that could not write its own journal has ended; whoever supervises it starts it again.
        serverEnded = !(await database.isUp());
        if (serverEnded) await database.start();
      },
    });
    const found = [...outage.found, ...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop())];
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    const server = serverEnded ? 'PostgreSQL had ended and was started again' : 'PostgreSQL lived on';
    return { done: `${outage.figures}; ${server}; ${audited.summary}`, found: [...found, ...audited.found] };
  },
};
