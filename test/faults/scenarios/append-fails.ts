import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

const points = ['append-writing', 'append-committed'] as const;
const hitsMax = 8;
const thrownSeconds = 60;
/** From the failure to the end of a connection at its device. */
const feltSeconds = 2;

/**
 * Single commits fail, now before the storing and now after it, while those behind them would succeed: what a device
 * says later must not overtake what it has to say again.
 */
export const appendFails: Scenario = {
  name: 'append-fails',
  async run(context) {
    const failures = byLength(context, { short: 12, default: 200, long: 2_000 });
    const file = `${context.folder}/fault-point`;
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, {
      environment: { DATABASE_URL: database.directUrl(), XINGYUAN_FAULT_POINT: file },
      preload: ['test/faults/preload/fault-points.ts'],
    });
    const fleet = await startFleet(context, hub, { messagesPerSecond: 1_500, inFlightMax: 200 });
    fleet.talk(true);
    await seconds(1);
    const ends = (): number => fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0);
    const found: string[] = [];
    let felt = 0;
    for (let failure = 0; failure < failures; failure += 1) {
      const hits = 1 + Math.floor(context.random() * hitsMax);
      await writeFile(file, `${points[failure % points.length]} ${hits} throw`);
      const before = ends();
      hub.signal('SIGUSR2');
      const thrown = await foundWithin(thrownSeconds, () => !existsSync(file));
      if (!thrown) found.push(`no commit failed within ${thrownSeconds} s of load`);
      const ended = await foundWithin(feltSeconds, () => ends() > before);
      if (ended) felt += 1;
      await seconds(0.5);
    }
    found.push(...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    // A commit that failed after the storing may be found by its repetition, which then fails nobody.
    if (felt < failures / 4) found.push(`only ${felt} of ${failures} failures were felt`);
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `${failures} commits made to fail, ${felt} of them felt by devices; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
