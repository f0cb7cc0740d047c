import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { littleMemory, liveThrough } from '../outage.ts';
import { byLength, type Scenario, type ScenarioContext, type ScenarioResult } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { seconds } from '../wait.ts';

const keepaliveSeconds = 4;

const away = async (
  context: ScenarioContext,
  how: 'stopped' | 'paused',
  lastingSeconds: readonly number[],
): Promise<ScenarioResult> => {
  const database = await startFaultDatabase(context);
  const hub = await superviseHub(context, { environment: { ...littleMemory, DATABASE_URL: database.url } });
  const fleet = await startFleet(context, hub, { keepaliveSeconds, inFlightMax: 200, messagesPerSecond: 600 });
  fleet.talk(true);
  const found: string[] = [];
  const told: string[] = [];
  for (const lasting of lastingSeconds) {
    await seconds(1.5);
    const outage = await liveThrough({
      ...{ hub, fleet, lastingSeconds: lasting, recoverySecondsMax: 45 },
      begin: how === 'stopped' ? database.stop : database.pause,
      end: how === 'stopped' ? database.start : database.resume,
    });
    found.push(...outage.found);
    told.push(outage.figures);
  }
  found.push(...(await fleet.settle(90)), ...hub.unexpectedEnds(), ...(await hub.stop()));
  const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
  return { done: `${how}: ${told.join('; ')}; ${audited.summary}`, found: [...found, ...audited.found] };
};

/** PostgreSQL is stopped by its administrator and started again. */
export const postgresStopped: Scenario = {
  name: 'postgres-stopped',
  run: (context) => away(context, 'stopped', byLength(context, { short: [5], default: [5, 30], long: [5, 60, 900] })),
};

/** PostgreSQL answers nothing and closes nothing (SIGSTOP), for longer than the devices' keepalive. */
export const postgresPaused: Scenario = {
  name: 'postgres-paused',
  run: (context) => away(context, 'paused', byLength(context, { short: [9], default: [9, 60], long: [9, 60, 900] })),
};
