import { bridge } from './candidates/bridge.ts';
import { emmett } from './candidates/emmett.ts';
import { driveHub, withHub } from './candidates/hub.ts';
import { insertPeer } from './candidates/insert-peers.ts';
import { mosquittoFanIn } from './candidates/mosquitto-fan-in.ts';
import { referenceCopy } from './candidates/reference-copy.ts';
import { type BenchOptions, profilingFlags, steadyAfterSeconds } from './options.ts';
import { type BenchResult, failed, resultOf, spreadOf, type Target } from './result.ts';

/** What a candidate did in one round. */
export interface Measured {
  ratePerSecond: number;
  details: unknown;
}

type Candidate = (options: BenchOptions) => Promise<Measured>;

const lagSecondsMax = 2;

const hub: Candidate = (options) => {
  const { connections, mqttVersion, seconds } = options;
  return withHub({ connections, mqttVersion, nodeFlags: profilingFlags(options) }, async (loaded) => {
    const run = await driveHub(loaded, { seconds, warmUpSeconds: steadyAfterSeconds });
    return { ratePerSecond: run.ratePerSecond, details: run };
  });
};

const reference: Candidate = async ({ seconds }) => {
  const run = await referenceCopy(seconds);
  return { ratePerSecond: run.ratePerSecond, details: run };
};

/** In the order in which they take turns: what is held against each other stands close together. */
const candidates: Record<string, Candidate> = {
  'reference-copy': reference,
  hub,
  emmett: ({ seconds }) => emmett(seconds),
  'node-red': ({ connections, seconds }) => insertPeer('node-red', connections, seconds),
  'nest-mqtt': ({ connections, seconds }) => insertPeer('nest-mqtt', connections, seconds),
  mosquitto: ({ connections, seconds }) => mosquittoFanIn(connections, seconds),
  bridge: (options) => bridge(options.connections, options.seconds, { nodeFlags: profilingFlags(options) }),
};
/** What is promised of a rate as it stands. */
const rateTargets: Record<string, Target> = { bridge: { atLeast: 30_000 } };
export const throughputNames = Object.keys(candidates);

interface Ratio {
  name: string;
  of: string;
  against: string;
  atLeast: number;
}

const ratios: readonly Ratio[] = [
  { name: 'hub against the reference COPY', of: 'hub', against: 'reference-copy', atLeast: 0.7 },
  { name: 'hub against Node-RED', of: 'hub', against: 'node-red', atLeast: 15 },
  { name: 'hub against Nest MQTT', of: 'hub', against: 'nest-mqtt', atLeast: 12 },
  { name: 'hub against Emmett', of: 'hub', against: 'emmett', atLeast: 2 },
  { name: "bridge against Mosquitto's fan-in", of: 'bridge', against: 'mosquitto', atLeast: 0.4 },
];

const ratioResults = (rounds: ReadonlyMap<string, Measured[]>): BenchResult[] =>
  ratios.flatMap(({ name, of, against, atLeast }) => {
    const [own, others] = [rounds.get(of), rounds.get(against)];
    if (own === undefined || others === undefined) return [];
    // Round by round, since the processor's speed drifts from one to the next.
    const values = own.map(({ ratePerSecond }, round) => ratePerSecond / others[round]!.ratePerSecond);
    return [resultOf(name, 'ratio', values, { target: { atLeast } })];
  });

const lagResult = (name: string, measured: readonly Measured[]): BenchResult =>
  resultOf(
    `${name}: projections behind at the end of the load`,
    's',
    measured.map(({ details }) => (details as { lagAtEndSeconds: number }).lagAtEndSeconds),
    { target: { atMost: lagSecondsMax } },
  );

/** Candidates take turns, each with the machine to itself, for as many rounds as wished. */
export const throughput = async (
  names: readonly string[],
  options: BenchOptions,
  emit: (result: BenchResult) => void,
): Promise<void> => {
  const rounds = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const name of [...rounds.keys()]) {
      try {
        rounds.get(name)!.push(await candidates[name]!(options));
      } catch (error) {
        // One that can't run says so, and the others are measured all the same.
        rounds.delete(name);
        emit(failed(name, error));
      }
    }
  }
  for (const [name, measured] of rounds) {
    const rates = measured.map(({ ratePerSecond }) => ratePerSecond);
    const middle = measured.find(({ ratePerSecond }) => Number(ratePerSecond.toPrecision(4)) >= spreadOf(rates).median);
    emit(resultOf(name, 'events/s', rates, { target: rateTargets[name], details: middle?.details }));
    if (name === 'hub' || name === 'bridge') emit(lagResult(name, measured));
  }
  for (const result of ratioResults(rounds)) emit(result);
};
