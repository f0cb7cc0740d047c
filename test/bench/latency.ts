import { driveHub, withHub } from './candidates/hub.ts';
import { type BenchOptions, profilingFlags, steadyAfterSeconds } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';

/** How long a device waits for its PUBACK at half of the rate that the same hub has just sustained. */
export const latency = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { connections, mqttVersion, seconds, rounds } = options;
  const runs = await withHub({ connections, mqttVersion, nodeFlags: profilingFlags(options) }, async (loaded) => {
    const all = [];
    for (let round = 0; round < rounds; round += 1) {
      const most = await driveHub(loaded, { seconds: Math.ceil(seconds / 2), warmUpSeconds: steadyAfterSeconds });
      const ratePerSecond = Math.round(most.ratePerSecond / 2);
      all.push(await driveHub(loaded, { seconds, warmUpSeconds: 1, ratePerSecond }));
    }
    return all;
  });
  const details = runs.map(({ ratePerSecond, latency: waited, unsent, worstLag, cpuMicrosPerEvent }) => ({
    ...{ ratePerSecond: Math.round(ratePerSecond), unsent, worstLag, cpuMicrosPerEvent },
    ...waited,
  }));
  const p50 = runs.map((run) => run.latency.p50Ms);
  const p99 = runs.map((run) => run.latency.p99Ms);
  emit(resultOf('PUBACK latency at half the rate, p50', 'ms', p50, { target: { atMost: 10 }, details }));
  emit(resultOf('PUBACK latency at half the rate, p99', 'ms', p99, { target: { atMost: 50 } }));
};
