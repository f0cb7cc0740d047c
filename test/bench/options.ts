import { parseArgs } from 'node:util';

/**
 * What is called sustained begins here, for the hub as for its peers: for so long V8 compiles what turns out to be hot,
 * at first with a fifth of the hub's processor time.
 */
export const steadyAfterSeconds = 10;

export interface BenchOptions {
  names: readonly string[];
  seconds: number;
  rounds: number;
  connections: number;
  mqttVersion: 4 | 5;
  /** Where a CPU profile of each hub goes. */
  cpuProfileFolder: string | undefined;
  /** Events in the log of the growth bench. */
  growthEvents: number;
  /** Compounds of the city bench, 300 devices each. */
  cityCompounds: number;
}

export const usage = `npm run bench [-- name …] [--seconds N] [--rounds N] [--connections N] [--mqtt 4|5]
                      [--growth EVENTS] [--compounds N] [--quick] [--cpu-prof FOLDER]

Names; none means all of them. Those of the first line run in turn, round by round, so that their ratios hold.
`;

/** Flags of Node for a hub that is to be profiled. */
export const profilingFlags = ({ cpuProfileFolder }: BenchOptions): string[] =>
  cpuProfileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfileFolder}`];

const wholeNumber = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a whole number from 1 on, not ${text}`);
  return value;
};

/** Throws with a sentence when the command line can't be read. */
export const readOptions = (args: readonly string[], known: readonly string[]): BenchOptions => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      connections: { type: 'string', default: '100' },
      mqtt: { type: 'string', default: '5' },
      growth: { type: 'string' },
      compounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
    },
  });
  const stranger = positionals.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`there is no bench "${stranger}"; there are ${known.join(', ')}`);
  const { quick } = values;
  if (values.mqtt !== '4' && values.mqtt !== '5') throw new Error('--mqtt is 4 (for 3.1.1) or 5');
  return {
    names: positionals.length > 0 ? known.filter((name) => positionals.includes(name)) : known,
    seconds: wholeNumber('seconds', values.seconds ?? (quick ? '3' : '8')),
    rounds: wholeNumber('rounds', values.rounds ?? (quick ? '1' : '3')),
    connections: wholeNumber('connections', values.connections),
    mqttVersion: values.mqtt === '4' ? 4 : 5,
    cpuProfileFolder: values['cpu-prof'],
    growthEvents: wholeNumber('growth', values.growth ?? (quick ? '200000' : '1000000')),
    cityCompounds: wholeNumber('compounds', values.compounds ?? (quick ? '30' : '300')),
  };
};
