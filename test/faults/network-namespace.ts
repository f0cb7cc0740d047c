import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ScenarioContext } from './scenario.ts';

const run = promisify(execFile);
const ip = async (...args: string[]): Promise<void> => void (await run('ip', args));

interface Wire {
  /** The machine's end and the namespace's. */
  here: string;
  there: string;
  /** Both ends may be reached, or neither hears of the other. */
  connect(now: boolean): Promise<void>;
}

export interface NetworkNamespace {
  /** Put before a command, runs it inside. */
  prefix: readonly string[];
  /** For the devices; stays. */
  devices: Wire;
  /** For the database; is cut. */
  database: Wire;
}

const addWire = async (namespace: string, name: string, subnet: string): Promise<Wire> => {
  const [near, far] = [`${name}h`, `${name}n`];
  const [here, there] = [`${subnet}.1`, `${subnet}.2`];
  await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace);
  await ip('address', 'add', `${here}/30`, 'dev', near);
  await ip('link', 'set', near, 'up');
  await ip('-n', namespace, 'address', 'add', `${there}/30`, 'dev', far);
  await ip('-n', namespace, 'link', 'set', far, 'up');
  return { here, there, connect: (now) => ip('link', 'set', near, now ? 'up' : 'down') };
};

/** A network of its own with two wires to this machine; why not, where the machine allows none. */
export const createNamespace = async (context: ScenarioContext): Promise<NetworkNamespace | { refused: string }> => {
  const name = `xyf${process.pid}`;
  try {
    await ip('netns', 'add', name);
    context.atEnd(() => ip('netns', 'delete', name));
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    // Addresses for benchmarks (RFC 2544): nobody's real network is covered by them.
    const devices = await addWire(name, `xd${process.pid}`, '198.18.113');
    const database = await addWire(name, `xb${process.pid}`, '198.19.113');
    return { prefix: ['ip', 'netns', 'exec', name], devices, database };
  } catch (error) {
    return { refused: (error as Error).message.trim().split('\n').at(-1)! };
  }
};
