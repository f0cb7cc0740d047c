import { uptime } from 'node:os';

/** How long the machine has been up, its sleep included: nobody sets this clock, and it tells nothing of the day. */
export const machineUptimeMs = (): number => uptime() * 1000;
