import { openPool } from '../../../services/runtime/postgres.ts';
import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import type { Ledger } from '../ledger.ts';
import { byLength, type Scenario, type ScenarioContext, type ScenarioResult } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { seconds } from '../wait.ts';

const watchedSeconds = 5;

const headOf = async (url: string): Promise<number> => {
  const pool = openPool(url, { maxConnections: 1 });
  const { rows } = await pool.query<{ position: string }>('SELECT max(last_position) AS position FROM hub.seal');
  await pool.end();
  return Number(rows[0]?.position);
};

/** Of the messages that were acknowledged with a receipt, how many stand behind a position of the log. */
const toldBehind = (ledger: Ledger, position: number): number =>
  [...ledger.entries.values()].flat().filter(({ acknowledged }) => Number(acknowledged?.receipt ?? 0) > position)
    .length;

const takeOver = async (context: ScenarioContext, round: number): Promise<ScenarioResult> => {
  const database = await startFaultDatabase(context, { dataDir: `${context.folder}/postgres-${round}` });
  // The old hub has a wire of its own, so that its connections can end without its knowing.
  const wire = await startTcpProxy(() => Number(new URL(database.directUrl()).port));
  context.atEnd(wire.close);
  const throughWire = new URL(database.directUrl());
  throughWire.port = String(wire.port);
  const old = await superviseHub(context, {
    name: `old-hub-${round}`,
    environment: { DATABASE_URL: throughWire.href },
  });
  let port = old.mqttPort;
  const fleet = await startFleet(context, old, { port: () => port, keepaliveSeconds: 30 });
  fleet.talk(true);
  await seconds(1 + context.random());
  const found: string[] = [];

  old.signal('SIGSTOP');
  wire.cutAll();
  const next = await superviseHub(context, {
    name: `new-hub-${round}`,
    environment: { DATABASE_URL: database.directUrl() },
  });
  // What it had committed before it was stopped it may, and must, still acknowledge when it goes on.
  const takenOverAt = await headOf(database.directUrl());
  old.signal('SIGCONT');
  await seconds(watchedSeconds);
  const told = toldBehind(fleet.ledger, takenOverAt);
  if (told > 0) found.push(`the old hub acknowledged ${told} messages after another had taken the log over`);
  const ready = await fetch(`${old.url}/health/ready`).then(
    ({ status }) => status,
    () => 0,
  );
  if (ready === 200) found.push('the old hub says that it is ready');

  port = next.mqttPort;
  for (const device of fleet.devices) device.cut();
  found.push(...(await fleet.settle(60)), ...next.unexpectedEnds(), ...(await next.stop()));
  await old.stop();
  const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl() });
  const done = `${told} acknowledged by the old hub in ${watchedSeconds} s, its readiness ${ready}; ${audited.summary}`;
  return { done, found: [...found, ...audited.found] };
};

/** A hub is stopped while another takes its log over, and goes on afterwards as if nothing had been. */
export const twoHubs: Scenario = {
  name: 'two-hubs',
  async run(context) {
    const rounds = byLength(context, { short: 1, default: 5, long: 100 });
    const results: ScenarioResult[] = [];
    for (let round = 1; round <= rounds; round += 1) results.push(await takeOver(context, round));
    return {
      done: `${rounds} × taken over: ${results.map(({ done }) => done).join(' | ')}`,
      found: results.flatMap(({ found }) => found),
    };
  },
};
