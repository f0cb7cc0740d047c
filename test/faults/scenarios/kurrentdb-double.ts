import { audit } from '../audit.ts';
import { startFaultDatabase } from '../fault-database.ts';
import { startFleet } from '../fleet.ts';
import { startProgram } from '../processes.ts';
import type { DoubleOrder } from '../programs/kurrent-double.ts';
import { byLength, type Scenario, type ScenarioContext } from '../scenario.ts';
import { superviseHub } from '../supervised-hub.ts';
import { foundWithin, seconds, until } from '../wait.ts';

const startDouble = async (context: ScenarioContext) => {
  const program = startProgram({
    program: 'test/faults/programs/kurrent-double.ts',
    environment: {},
    logFile: `${context.folder}/double.log`,
  });
  context.atEnd(() => program.kill('SIGKILL'));
  const url = await until(30, 'the double is up', () => /double at (\S+)/.exec(program.said())?.[1]);
  return { url, order: (order: DoubleOrder): void => program.tell(JSON.stringify(order)) };
};

/** Longer than the hub waits for an answer. */
const lateMs = 12_000;

/** What a server may do to the appends under way, and how long until it is over. */
const troubles: readonly {
  name: string;
  orders: readonly DoubleOrder[];
  after?: readonly DoubleOrder[];
  lasting: number;
}[] = [
  {
    name: 'unavailable before the storing',
    orders: [{ order: 'trouble', trouble: { kind: 'unavailable', stored: false }, times: 5 }],
    lasting: 1,
  },
  {
    name: 'unavailable after the storing',
    orders: [{ order: 'trouble', trouble: { kind: 'unavailable', stored: true }, times: 5 }],
    lasting: 1,
  },
  { name: 'gone', orders: [{ order: 'go' }], after: [{ order: 'return' }], lasting: 3 },
  { name: 'subscriptions dropped', orders: [{ order: 'drop-subscriptions' }], lasting: 1 },
  {
    name: 'mute, and late',
    orders: [
      { order: 'trouble', trouble: { kind: 'mute' }, times: 3 },
      { order: 'trouble', trouble: { kind: 'late', afterMs: lateMs }, times: 3 },
    ],
    after: [{ order: 'no-trouble' }],
    lasting: 4,
  },
];

/** The whole hub on the double of a KurrentDB server that misbehaves under load: unknown outcomes are tried again with the same ids. */
export const kurrentdbDouble: Scenario = {
  name: 'kurrentdb-double',
  async run(context) {
    const rounds = byLength(context, { short: 1, default: 15, long: 200 });
    const double = await startDouble(context);
    const database = await startFaultDatabase(context);
    const hub = await superviseHub(context, {
      environment: { DATABASE_URL: database.directUrl(), EVENT_LOG_URL: double.url },
    });
    const fleet = await startFleet(context, hub, { messagesPerSecond: 200 });
    fleet.talk(true);
    const found: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, orders, after = [], lasting } of troubles) {
        await seconds(0.5 + context.random());
        for (const order of orders) double.order(order);
        await seconds(lasting);
        for (const order of after) double.order(order);
        const before = fleet.ledger.counts().acknowledged;
        const goesOn = await foundWithin(45, () => fleet.ledger.counts().acknowledged > before + fleet.devices.length);
        if (!goesOn) found.push(`${name}: acknowledgements do not go on within 45 s`);
      }
      if (rounds > 1) context.tell(`round ${round + 1} of ${rounds}`);
    }
    found.push(...(await fleet.settle(90)), ...hub.unexpectedEnds(), ...(await hub.stop()));
    const audited = await audit(fleet.ledger, { databaseUrl: database.directUrl(), logUrl: double.url });
    return {
      done: `${rounds} × ${troubles.map(({ name }) => name).join(', ')}; ${audited.summary}`,
      found: [...found, ...audited.found],
    };
  },
};
