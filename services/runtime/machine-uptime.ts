import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** How long the machine has been up, its sleep included: nobody sets this clock, and it tells nothing of the day. */
export const machineUptimeMs = (): number => uptime() * 1000;

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux tells: elsewhere clocks are compared within one process alone.
    return randomUUID();
  }
};

/** What clocks that nobody sets show, and since which start of the machine they have run. */
export interface SteadyTime {
  boot: string;
  clocksMs: readonly number[];
}

const boot = bootId();

/** The first leaves out nothing but a container's absence, the second nothing but the machine's sleep. */
export const steadyTime = (): SteadyTime => ({
  boot,
  clocksMs: [machineUptimeMs(), Number(process.hrtime.bigint()) / 1e6],
});

/** How long it was from one to the other; `undefined` where the machine started anew in between. */
export const passedMs = (from: SteadyTime, to: SteadyTime): number | undefined =>
  from.boot === to.boot ? Math.max(...to.clocksMs.map((ms, index) => ms - from.clocksMs[index]!)) : undefined;
