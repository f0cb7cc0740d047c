/** Loaded before the hub's program: on SIGUSR2 its clock jumps to the offset, in milliseconds, that the file names. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../../services/runtime/clock.ts';

const machineNow = systemClock.now;
let offsetMs = 0;
systemClock.now = () => machineNow() + offsetMs;

process.on('SIGUSR2', () => {
  offsetMs = Number(readFileSync(process.env.XINGYUAN_CLOCK_OFFSET!, 'utf8'));
});
