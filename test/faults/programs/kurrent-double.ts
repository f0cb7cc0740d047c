/** The double of a KurrentDB server in a process of its own; says its address, then does what it is told, a line each. */
import { createInterface } from 'node:readline';
import { type Double, startDouble } from '../../kurrentdb/double.ts';
import type { Trouble } from '../../kurrentdb/double-parts.ts';
import { createServerStore } from '../../kurrentdb/server-store.ts';

/** A change of the double's ways. */
export type DoubleOrder =
  | { order: 'trouble'; trouble: Trouble; times: number }
  | { order: 'no-trouble' }
  | { order: 'mute-reads'; now: boolean }
  | { order: 'drop-subscriptions' }
  | { order: 'go' }
  | { order: 'return' };

const scheme = 'esdb';
const store = createServerStore();
store.addSystemRecord();
let double: Double = await startDouble({ scheme, store });
process.stdout.write(`double at ${double.url}\n`);

const obey = async (given: DoubleOrder): Promise<void> => {
  if (given.order === 'trouble') for (let time = 0; time < given.times; time += 1) double.troubles.push(given.trouble);
  else if (given.order === 'no-trouble') double.troubles.length = 0;
  else if (given.order === 'mute-reads') double.muteReads.now = given.now;
  else if (given.order === 'drop-subscriptions') double.dropSubscriptions();
  else if (given.order === 'go') double.stop();
  else double = await startDouble({ scheme, store, port: double.port });
};

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => void obey(JSON.parse(line) as DoubleOrder));
// Whoever gives the orders has gone.
orders.on('close', () => process.exit(0));
