import './seeded-randomness.ts';
import { createHash, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { playAndJudge } from './verdict.ts';

/** Worlds that every build looks at again. */
const fixedSeeds = [1, 3, 4, 8];
const freshSeeds = { least: 2, most: 8 };
/** After that no more than the least fresh seeds are begun: a slow machine looks at fewer worlds. */
const freshUntilSeconds = 75;
/** What the fixed worlds must have held, or the auditor proved nothing. */
const mustHappen = [
  'delivered more than once',
  'crashes',
  'outages of the log',
  'orders raised late',
  'closings refused',
  'timers of faults',
  'pauses of orders',
  'deadlines told',
  'notices to people',
  'orders on the ladder',
  'deliveries that failed',
];
const shownComplaints = 15;

/** With a text, a commit's id for one, always the same: whoever runs that commit again looks at the same worlds. */
const freshSeed = (text: string | undefined, index: number): number =>
  text === undefined
    ? randomInt(1_000, 2 ** 31)
    : createHash('sha256').update(`${text} ${index}`).digest().readUInt32BE() % 2 ** 31;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const readArguments = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      days: { type: 'string', default: '1' },
      compounds: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      outputFile: { type: 'string' },
      'fresh-from': { type: 'string' },
    },
  });
  const seeds = positionals.map(Number);
  if (seeds.some((seed) => !Number.isSafeInteger(seed))) throw new Error('usage: npm run sim -- [<seed> …] [--days 1]');
  const { days, compounds, outputFile, 'fresh-from': freshFrom } = values;
  return { seeds, days: Number(days), compounds: Number(compounds), outputFile, freshFrom };
};

const runOne = async (
  postgres: PostgresForTests,
  seed: number,
  { happened, ...size }: { days: number; compounds: number; happened: Map<string, number> },
): Promise<boolean> => {
  const startedMs = performance.now();
  try {
    const { played, verdict } = await playAndJudge(postgres, { seed, ...size });
    const { complaints, seen } = verdict;
    const took = ((performance.now() - startedMs) / 1000).toFixed(1);
    const hours = Math.round((played.endMs - played.startMs) / 3_600_000);
    const word = complaints.length === 0 ? 'passed' : 'FAILED';
    say(`${word}  seed ${seed}: ${size.compounds} compounds, ${hours} h in ${took} s`);
    for (const [what, count] of Object.entries(seen)) happened.set(what, (happened.get(what) ?? 0) + count);
    const counts = Object.entries(seen).map(([what, count]) => `${count} ${what}`);
    say(`        ${counts.join(', ')}`);
    say(`        log ${played.logHash}`);
    for (const complaint of complaints.slice(0, shownComplaints)) say(`        - ${complaint}`);
    if (complaints.length > shownComplaints) say(`        … and ${complaints.length - shownComplaints} more`);
    return complaints.length === 0;
  } catch (error) {
    say(`FAILED  seed ${seed}: ${(error as Error).stack}`);
    return false;
  }
};

const main = async (): Promise<void> => {
  const { seeds, outputFile, freshFrom, ...size } = readArguments();
  const fresh =
    seeds.length > 0 ? [] : Array.from({ length: freshSeeds.most }, (_, index) => freshSeed(freshFrom, index));
  const postgres = await postgresForTests();
  const failed: number[] = [];
  let passed = 0;
  const happened = new Map<string, number>();
  const look = async (seed: number): Promise<void> => {
    if (await runOne(postgres, seed, { ...size, happened })) passed += 1;
    else failed.push(seed);
  };
  try {
    for (const seed of seeds.length > 0 ? seeds : fixedSeeds) await look(seed);
    const missing = seeds.length > 0 ? [] : mustHappen.filter((what) => !happened.get(what));
    if (missing.length > 0) throw new Error(`the fixed seeds have no ${missing.join(', no ')}: choose others`);
    for (const [index, seed] of fresh.entries()) {
      if (index < freshSeeds.least || performance.now() < freshUntilSeconds * 1000) await look(seed);
    }
  } finally {
    await postgres.stop();
  }
  say(`${passed} passed, ${failed.length} failed`);
  const shape = `${size.days === 1 ? '' : ` --days ${size.days}`}${size.compounds === 2 ? '' : ` --compounds ${size.compounds}`}`;
  for (const seed of failed) say(`npm run sim -- ${seed}${shape}`);
  if (outputFile !== undefined) {
    const counts = { numPassedTests: passed, numFailedTests: failed.length, numRuntimeErrorTestSuites: 0 };
    writeFileSync(outputFile, JSON.stringify(counts));
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
};

await main();
