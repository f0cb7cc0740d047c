import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom, shareOfText } from '../../services/demo/random.ts';
import type { RunLength, Scenario, ScenarioContext, ScenarioResult } from './scenario.ts';
import { scenarios } from './scenario-list.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Options {
  length: RunLength;
  seed: number;
  only: string | undefined;
  outputFile: string | undefined;
}

const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      outputFile: { type: 'string' },
    },
  });
  return {
    length: values.long ? 'long' : values.short ? 'short' : 'default',
    seed: values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed),
    only: values.only,
    outputFile: values.outputFile,
  };
};

/** What was started must end, whatever became of the scenario, also when somebody interrupts the run. */
const createEnds = () => {
  const ends: (() => Promise<void> | void)[] = [];
  return {
    add: (end: () => Promise<void> | void): void => void ends.push(end),
    async run(): Promise<string[]> {
      const troubles: string[] = [];
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
        try {
          await end();
        } catch (error) {
          troubles.push(`clearing up: ${(error as Error).message}`);
        }
      }
      return troubles;
    },
  };
};

const running = new Set<() => Promise<string[]>>();
const endAll = (): Promise<unknown> => Promise.all([...running].map((end) => end()));

const runScenario = async (scenario: Scenario, { length, seed }: Options): Promise<ScenarioResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'xingyuan-faults-'));
  await chmod(folder, 0o755);
  const ends = createEnds();
  running.add(ends.run);
  const context: ScenarioContext = {
    ...{ seed, length, folder },
    random: createRandom(seed + Math.floor(shareOfText(scenario.name) * 1_000_000)),
    atEnd: ends.add,
    tell: (line) => void process.stderr.write(`     ${scenario.name}: ${line}\n`),
  };
  const result = await scenario
    .run(context)
    .catch((error: unknown): ScenarioResult => ({ done: 'broken off', found: [`${(error as Error).stack}`] }));
  result.found.push(...(await ends.run()));
  running.delete(ends.run);
  // The hub's own words are worth keeping where something was found.
  if (result.found.length === 0) await rm(folder, { recursive: true, force: true });
  else result.found.push(`kept for a look: ${folder}`);
  return result;
};

const wordOf = ({ skipped, found }: ScenarioResult): string =>
  found.length > 0 ? 'FAIL' : skipped === undefined ? 'ok  ' : 'skip';

const tellResult = ({ name }: Scenario, result: ScenarioResult, startedMs: number): void => {
  const took = ((performance.now() - startedMs) / 1_000).toFixed(0);
  say(`${wordOf(result)} ${name} (${took} s): ${result.skipped ?? result.done}`);
  for (const line of result.found) say(`       - ${line}`);
};

/** Two at a time in the short run: most of a scenario is waiting. */
const runAll = async (chosen: readonly Scenario[], options: Options) => {
  const counts = { passed: 0, failed: 0 };
  const runNext = async (queue: Scenario[]): Promise<void> => {
    for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
      const startedMs = performance.now();
      const result = await runScenario(scenario, options);
      tellResult(scenario, result, startedMs);
      if (result.found.length > 0) counts.failed += 1;
      else if (result.skipped === undefined) counts.passed += 1;
    }
  };
  const together = chosen.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: options.length === 'short' ? 2 : 1 }, () => runNext(together)));
  await runNext(chosen.filter(({ alone }) => alone));
  return counts;
};

const main = async (): Promise<void> => {
  const options = readOptions();
  const chosen = scenarios.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0) throw new Error(`--only takes one of ${scenarios.map(({ name }) => name).join(', ')}`);
  say(`faults, ${options.length}, seed ${options.seed}`);
  const { passed, failed } = await runAll(chosen, options);
  say(`${passed} passed, ${failed} failed`);
  if (options.outputFile !== undefined) {
    const counts = { numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 };
    await writeFile(options.outputFile, JSON.stringify(counts));
  }
  process.exit(failed === 0 ? 0 : 1);
};

const interrupted = (): void => {
  void endAll().finally(() => process.exit(130));
};
process.once('SIGINT', interrupted);
process.once('SIGTERM', interrupted);

main().catch(async (error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  await endAll();
  process.exit(1);
});
