import { readFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { signal } from '../processes.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

/** The hub with its own PostgreSQL: SIGKILL for the one or the other; a hub without its PostgreSQL ends and is started again. */
export const embeddedSigkill: Scenario = {
  name: 'embedded-sigkill',
  async run(context) {
    const kills = byLength(context, { short: 2, default: 30, long: 300 });
    const dataDir = `${context.folder}/hub`;
    const postmaster = async (): Promise<number> =>
      Number.parseInt(await readFile(`${dataDir}/cluster/postmaster.pid`, 'utf8'), 10);
    context.atEnd(async () => {
      // A hub that was killed has left its server behind.
      const pid = await postmaster().catch(() => undefined);
      const isOurs = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(dataDir);
      if (pid !== undefined && isOurs) signal(pid, 'SIGQUIT');
      if (isOurs)
        await foundWithin(10, async () => (await readFile(`/proc/${pid}/cmdline`).catch(() => '')).length === 0);
    });
    const hub = await superviseHub(context, { environment: {} });
    const fleet = await startFleet(context, hub);
    fleet.talk(true);
    for (let kill = 1; kill <= kills; kill += 1) {
      await seconds(0.3 + context.random() * 1.2);
      if (kill % 2 === 1) await hub.kill();
      else {
        const starts = hub.starts();
        hub.expectEnds(1);
        signal(await postmaster(), 'SIGKILL');
        await foundWithin(30, () => hub.starts() > starts);
        await hub.up();
      }
      if (kill % 10 === 0) context.tell(`${kill} of ${kills} kills`);
    }
    await seconds(0.5);
    const found = [...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop())];
    const database = await startFaultDatabase(context, { dataDir });
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `${kills} × SIGKILL, of the hub and of its own PostgreSQL in turn; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
