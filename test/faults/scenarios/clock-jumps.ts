import { writeFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

const hourMs = 3_600_000;
const jumpsMs = [hourMs, 0, -hourMs, 0];

/**
 * The hub's clock jumps by an hour, forwards, back, further back and to the right time, while the devices' clocks are
 * right: some tell the time, and may be refused by a hub that thinks they are ahead; some don't.
 */
export const clockJumps: Scenario = {
  name: 'clock-jumps',
  async run(context) {
    const rounds = byLength(context, { short: 1, default: 10, long: 100 });
    const file = `${context.folder}/clock-offset`;
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, {
      environment: { DATABASE_URL: database.directUrl(), XINGYUAN_CLOCK_OFFSET: file },
      preload: ['test/faults/preload/clock-offset.ts'],
    });
    const fleet = await startFleet(context, hub, { timeless: (number) => number % 2 === 0 });
    fleet.talk(true);
    await seconds(1);
    const found: string[] = [];
    const ends = (): number => fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0);
    for (let round = 0; round < rounds; round += 1) {
      for (const jumpMs of jumpsMs) {
        await writeFile(file, String(jumpMs));
        const endsBefore = ends();
        hub.signal('SIGUSR2');
        await seconds(0.2);
        const before = fleet.ledger.counts().acknowledged;
        const goesOn = await foundWithin(60, () => fleet.ledger.counts().acknowledged > before);
        if (!goesOn) found.push(`with the clock at ${jumpMs / 1_000} s nothing is acknowledged within 60 s`);
        await seconds(1 + context.random());
        const ended = ends() - endsBefore;
        if (ended > 0) found.push(`${ended} connections ended as the clock jumped to ${jumpMs / 1_000} s`);
      }
    }
    found.push(...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    const doubted = [...fleet.ledger.entries.values()].flat().filter(({ eitherSha256 }) => eitherSha256 !== undefined);
    const tooEarly = doubted.filter(({ acknowledged }) => (acknowledged?.reasonCode ?? 0) >= 0x80).length;
    if (tooEarly === 0) found.push("no device's time was found impossible, so the hub's clock has not jumped at all");
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `${rounds * jumpsMs.length} jumps of the hub's clock, ${tooEarly} times found impossible meanwhile; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
