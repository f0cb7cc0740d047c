import { writeFile } from 'node:fs/promises';
import type { FaultPoint } from '../../../services/runtime/fault-points.ts';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { type SupervisedHub, superviseHub } from '../supervised-hub.ts';
import { foundWithin } from '../wait.ts';

/** Each with the most hits that a moment of load brings. */
const hitsMax: Record<FaultPoint, number> = {
  'message-planned': 200,
  'refused-bytes-kept': 10,
  'append-writing': 40,
  'append-committed': 40,
  'result-known': 200,
  acknowledging: 100,
  acknowledged: 100,
  'projection-folded': 20,
  'projection-committed': 20,
};
const points = Object.keys(hitsMax) as FaultPoint[];
const reachedSeconds = 90;

const crashAt = async (hub: SupervisedHub, file: string, point: FaultPoint, hits: number): Promise<string[]> => {
  await writeFile(file, `${point} ${hits} kill`);
  const [starts, ends] = [hub.starts(), hub.ends()];
  hub.expectEnds(1);
  hub.signal('SIGUSR2');
  const ended = await foundWithin(reachedSeconds, () => hub.ends() > ends);
  if (!ended) {
    hub.expectEnds(-1);
    return [`${point} was not hit ${hits} times within ${reachedSeconds} s of load`];
  }
  await foundWithin(reachedSeconds, () => hub.starts() > starts);
  await hub.up();
  return [];
};

/** The process ends at every step between the reading of a message and its acknowledgement, and around a projection's commit. */
export const crashAtPoints: Scenario = {
  name: 'crash-at-points',
  async run(context) {
    const rounds = byLength(context, { short: 1, default: 20, long: 200 });
    const file = `${context.folder}/fault-point`;
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, {
      environment: { DATABASE_URL: database.directUrl(), XINGYUAN_FAULT_POINT: file },
      preload: ['test/faults/preload/fault-points.ts'],
    });
    const fleet = await startFleet(context, hub);
    fleet.talk(true);
    const found: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const point of points) {
        const hits = 1 + Math.floor(context.random() * hitsMax[point]);
        found.push(...(await crashAt(hub, file, point, hits)));
      }
      if (rounds > 1) context.tell(`round ${round + 1} of ${rounds}`);
    }
    found.push(...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `${rounds * points.length} crashes at ${points.length} points (${points.join(', ')}); ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
