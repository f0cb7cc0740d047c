import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { seconds } from '../wait.ts';

/** SIGKILL of the hub at random instants under load. Its PostgreSQL stands outside and lives on. */
export const hubSigkill: Scenario = {
  name: 'hub-sigkill',
  async run(context) {
    const kills = byLength(context, { short: 6, default: 200, long: 2_000 });
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { DATABASE_URL: database.directUrl() } });
    const fleet = await startFleet(context, hub);
    fleet.talk(true);
    for (let kill = 1; kill <= kills; kill += 1) {
      await seconds(0.2 + context.random() * 1.3);
      await hub.kill();
      if (kill % 20 === 0) context.tell(`${kill} of ${kills} kills`);
    }
    await seconds(0.5);
    const found = [...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop())];
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return { done: `${kills} × SIGKILL of the hub; ${audited.summary}`, found: [...found, ...audited.found] };
  },
};
