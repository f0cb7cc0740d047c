import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds } from '../wait.ts';

/** SIGKILL of an outside PostgreSQL under load: the hub must live on and go on without being started again. */
export const postgresSigkill: Scenario = {
  name: 'postgres-sigkill',
  async run(context) {
    const kills = byLength(context, { short: 6, default: 200, long: 2_000 });
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { DATABASE_URL: database.url } });
    const fleet = await startFleet(context, hub);
    fleet.talk(true);
    const found: string[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      await seconds(0.2 + context.random() * 1.3);
      await database.kill();
      // Sometimes back at once, sometimes gone for longer than one attempt to come back.
      await seconds(context.random() * context.random() * 4);
      await database.start();
      const before = fleet.ledger.counts().acknowledged;
      const goesOn = await foundWithin(45, () => fleet.ledger.counts().acknowledged > before);
      if (!goesOn) found.push(`after kill ${kill} nothing was acknowledged within 45 s of PostgreSQL's return`);
      if (!goesOn) break;
      if (kill % 20 === 0) context.tell(`${kill} of ${kills} kills`);
    }
    found.push(...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return { done: `${kills} × SIGKILL of PostgreSQL; ${audited.summary}`, found: [...found, ...audited.found] };
  },
};
