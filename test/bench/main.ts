import { board } from './board.ts';
import { city } from './city.ts';
import { connections } from './connections.ts';
import { decoding } from './decoding.ts';
import { dialects } from './dialects.ts';
import { growth } from './growth.ts';
import { hotPath } from './hot-path.ts';
import { latency } from './latency.ts';
import { logVerify } from './log-verify.ts';
import { machine, versions } from './machine.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { reRating } from './re-rating.ts';
import { replay } from './replay.ts';
import { type BenchResult, failed } from './result.ts';
import { withPostgres } from './server.ts';
import { throughput, throughputNames } from './throughput.ts';

type Bench = (options: BenchOptions, emit: (result: BenchResult) => void) => Promise<void>;

/** Each with the machine to itself, one after the other. */
const alone: Record<string, Bench> = {
  latency,
  dialects,
  decoding,
  'hot-path': hotPath,
  replay,
  'log-verify': logVerify,
  connections,
  growth,
  city,
  're-rating': reRating,
  board,
};
const names = [...throughputNames, ...Object.keys(alone)];

const postgresVersion = (): Promise<string> =>
  withPostgres(async ({ sql }) => {
    const { rows } = await sql.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  });

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2), names);
  const circumstances = { machine: machine(), versions: versions(await postgresVersion()) };
  let missed = 0;
  const emit = (result: BenchResult): void => {
    if (result.met === false) missed += 1;
    process.stdout.write(`${JSON.stringify({ ...result, ...circumstances })}\n`);
  };
  const inTurn = throughputNames.filter((name) => options.names.includes(name));
  if (inTurn.length > 0) await throughput(inTurn, options, emit);
  for (const [name, bench] of Object.entries(alone)) {
    if (!options.names.includes(name)) continue;
    await bench(options, emit).catch((error: unknown) => emit(failed(name, error)));
  }
  return missed;
};

main().then(
  (missed) => {
    process.stderr.write(missed === 0 ? 'Every target was met.\n' : `${missed} targets were missed.\n`);
    process.exit(0);
  },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n\n${usage}  ${names.join(', ')}\n`);
    process.exit(1);
  },
);
