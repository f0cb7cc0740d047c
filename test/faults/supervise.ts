import type { RunningProgram } from './processes.ts';
import type { ScenarioContext } from './scenario.ts';
import { seconds } from './wait.ts';

const stopSecondsMax = 20;
const restartSeconds = 0.2;

/** Keeps a program running: started again whenever it ends, as systemd or a container engine would. */
export const supervise = (context: ScenarioContext, start: () => RunningProgram) => {
  const ends: { how: number | string; said: string }[] = [];
  let expectedEnds = 0;
  let starts = 0;
  let wanted = true;
  let current: RunningProgram;

  const run = (): void => {
    starts += 1;
    const own = start();
    current = own;
    void own.ended.then(async (how) => {
      ends.push({ how, said: own.said().slice(-2_000) });
      if (wanted) await seconds(restartSeconds);
      if (wanted) run();
    });
  };
  context.atEnd(async () => {
    wanted = false;
    current.kill('SIGCONT');
    current.kill('SIGKILL');
    await current.ended;
  });
  run();

  return {
    current: (): RunningProgram => current,
    starts: (): number => starts,
    ends: (): number => ends.length,
    /** The next `count` ends are no finding. */
    expectEnds(count: number): void {
      expectedEnds += count;
    },
    /** Ends that nobody wished; empty when it ended only as it was told. */
    unexpectedEnds: (): string[] =>
      ends.length <= expectedEnds
        ? []
        : [`the hub ended ${ends.length} times, expected ${expectedEnds}: ${ends.at(-1)?.how} ${ends.at(-1)?.said}`],
    /** Ends it for good, in order. Answers what is wrong with how it ended. */
    async stop(): Promise<string[]> {
      wanted = false;
      expectedEnds += 1;
      current.kill('SIGCONT');
      current.kill('SIGTERM');
      const how = await Promise.race([current.ended, seconds(stopSecondsMax).then(() => 'too slow')]);
      if (how === 'too slow') current.kill('SIGKILL');
      await current.ended;
      return how === 0 ? [] : [`the hub did not end in order on SIGTERM: ${how}; ${current.said().slice(-1_000)}`];
    },
  };
};
