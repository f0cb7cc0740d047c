import { appendFile } from 'node:fs/promises';
import { audit } from '../audit.ts';
import { type FaultDatabase, startFaultDatabase } from '../fault-database.ts';
import { type Fleet, startFleet } from '../fleet.ts';
import { createNamespace } from '../network-namespace.ts';
import { littleMemory, liveThrough } from '../outage.ts';
import { signal } from '../processes.ts';
import { byLength, type Scenario, type ScenarioContext, type ScenarioResult } from '../scenario.ts';
import { type SupervisedHub, superviseHub } from '../supervised-hub.ts';
import { seconds } from '../wait.ts';

/** Beyond the time after which the hub gives a mute server up, in the longer ones. */
const lastings = { short: [6], default: [6, 20, 75], long: [6, 20, 75, 300, 1_200] };

interface Cut {
  database: FaultDatabase;
  hub: SupervisedHub;
  fleet: Fleet;
  connect(now: boolean): Promise<void> | void;
}

const cutAgainAndAgain = async (context: ScenarioContext, cut: Cut): Promise<ScenarioResult> => {
  const { database, hub, fleet } = cut;
  fleet.talk(true);
  const found: string[] = [];
  const told: string[] = [];
  for (const lastingSeconds of byLength(context, lastings)) {
    await seconds(1.5);
    const outage = await liveThrough({
      ...{ hub, fleet, lastingSeconds, recoverySecondsMax: 60 },
      begin: async () => cut.connect(false),
      end: async () => cut.connect(true),
    });
    found.push(...outage.found);
    told.push(outage.figures);
  }
  found.push(...(await fleet.settle(90)), ...hub.unexpectedEnds(), ...(await hub.stop()));
  const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
  return { done: `${told.join('; ')}; ${audited.summary}`, found: [...found, ...audited.found] };
};

/** The wire between hub and database goes mute: a proxy that passes nothing on and closes nothing. */
export const muteWire: Scenario = {
  name: 'mute-wire',
  async run(context) {
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, { environment: { ...littleMemory, DATABASE_URL: database.url } });
    const fleet = await startFleet(context, hub, { inFlightMax: 200, messagesPerSecond: 600 });
    return cutAgainAndAgain(context, { database, hub, fleet, connect: (now) => database.proxy.mute(!now) });
  },
};

/** The network between hub and database is cut, packets vanish: the hub lives in a network namespace of its own. */
export const networkCut: Scenario = {
  name: 'network-cut',
  async run(context) {
    const namespace = await createNamespace(context);
    if ('refused' in namespace) {
      const skipped = `no network namespace can be made here (${namespace.refused}); mute-wire stands in for it`;
      return { done: '', found: [], skipped };
    }
    const { prefix, devices, database: wire } = namespace;
    const database = await startFaultDatabase(context, { settings: { listen_addresses: `127.0.0.1,${wire.here}` } });
    await appendFile(`${database.dataDir}/cluster/pg_hba.conf`, `\nhost all all ${wire.there}/32 scram-sha-256\n`);
    signal(await database.postmaster(), 'SIGHUP');
    const url = new URL(database.directUrl());
    url.hostname = wire.here;
    const hub = await superviseHub(context, {
      environment: { ...littleMemory, DATABASE_URL: url.href },
      prefix,
      host: devices.there,
    });
    const fleet = await startFleet(context, hub, { inFlightMax: 200, messagesPerSecond: 600 });
    return cutAgainAndAgain(context, { database, hub, fleet, connect: wire.connect });
  },
};
