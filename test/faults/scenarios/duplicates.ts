import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { byLength, type Scenario } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { seconds } from '../wait.ts';

const ways = ['cut', 'SIGTERM', 'SIGKILL'] as const;

/**
 * Devices that lose their acknowledgements send everything again with DUP, over a new connection, to a hub that was
 * started again in order, or killed: all of it is known, and the receipts are the first ones.
 */
export const duplicates: Scenario = {
  name: 'duplicates',
  async run(context) {
    const rounds = byLength(context, { short: 3, default: 45, long: 600 });
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { DATABASE_URL: database.directUrl() } });
    const fleet = await startFleet(context, hub, { inFlightMax: 60 });
    fleet.talk(true);
    for (let round = 0; round < rounds; round += 1) {
      for (const device of fleet.devices) device.deafen(context.random() < 0.7);
      await seconds(1 + context.random());
      const way = ways[round % ways.length]!;
      if (way === 'cut') for (const device of fleet.devices) device.cut();
      else await hub.kill(way);
      await seconds(0.5);
      for (const device of fleet.devices) {
        device.deafen(false);
        // What it was told while it was deaf it will not be told again on this connection.
        device.cut();
      }
      await seconds(1);
    }
    const found = [...(await fleet.settle(60)), ...hub.unexpectedEnds(), ...(await hub.stop())];
    const { sentAgain } = fleet.ledger.counts();
    if (sentAgain < rounds * fleet.devices.length) found.push(`only ${sentAgain} messages were sent again`);
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
    return {
      done: `${rounds} rounds of lost acknowledgements over ${ways.join(', ')}; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
