import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzzing.ts';

/** `npx tsx test/mqtt/fuzz.ts --minutes 10 [--seed 7]`; with `NODE_OPTIONS=--expose-gc` the heap is measured clean. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const untilMs = performance.now() + Number(values.minutes) * 60_000;

/** Once warm, the heap of the second half may not have grown by a tenth against the first. */
const grows = (megabytes: number[]): boolean => {
  const warm = megabytes.slice(Math.floor(megabytes.length / 5));
  if (warm.length < 6) return false;
  const middle = (part: number[]): number => [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)]!;
  const half = Math.floor(warm.length / 2);
  return middle(warm.slice(half)) > middle(warm.slice(0, half)) * 1.1 + 2;
};

const result = await fuzz(seed, () => performance.now() > untilMs);
const isFlat = !grows(result.heapMegabytes);
process.stdout.write(`${JSON.stringify({ ...result, isFlat })}\n`);
if (result.troubles.length > 0 || !isFlat) {
  process.stderr.write(`Failed. Again with: npx tsx test/mqtt/fuzz.ts --minutes ${values.minutes} --seed ${seed}\n`);
  process.exitCode = 1;
}
