import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

const endSeconds = 60;

/** The thread of the read models ends in the midst of a batch: the ingest doesn't notice, and nothing is counted twice. */
export const readModelsEnd: Scenario = {
  name: 'read-models-end',
  async run(context) {
    const ends = byLength(context, { short: 3, default: 20, long: 200 });
    const file = `${context.folder}/end-read-models`;
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, {
      environment: { DATABASE_URL: database.directUrl(), XINGYUAN_END_READ_MODELS: file },
      preload: ['test/faults/preload/end-read-models.ts'],
    });
    const fleet = await startFleet(context, hub);
    fleet.talk(true);
    const found: string[] = [];
    for (let end = 1; end <= ends; end += 1) {
      await seconds(context.random());
      await writeFile(file, '');
      const ended = await foundWithin(endSeconds, () => !existsSync(file));
      if (!ended)
        found.push(`end ${end}: no commit was handed over within ${endSeconds} s, so no thread was started again`);
    }
    const connectionsLost = fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0);
    if (connectionsLost > 0) found.push(`${connectionsLost} connections of devices ended, though only a thread did`);
    found.push(...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `the read models' thread ended ${ends} times under load; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
