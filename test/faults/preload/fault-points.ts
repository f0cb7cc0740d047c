/**
 * Loaded before the hub's program: on SIGUSR2 reads which fault point ends the process, or throws, and at which of its
 * hits. Removes the file when it has thrown.
 */
import { readFileSync, rmSync } from 'node:fs';
import { installFaultPoints } from '../../../services/runtime/fault-points.ts';

const file = process.env.XINGYUAN_FAULT_POINT!;
let armed: { point: string; hitsLeft: number; how: string } | undefined;

process.on('SIGUSR2', () => {
  const [point = '', hits, how = ''] = readFileSync(file, 'utf8').split(' ');
  armed = { point, hitsLeft: Number(hits), how };
});

installFaultPoints((point) => {
  if (armed?.point !== point) return;
  armed.hitsLeft -= 1;
  if (armed.hitsLeft > 0) return;
  if (armed.how === 'kill') process.kill(process.pid, 'SIGKILL');
  // Twice, since what fails once is tried again.
  if (armed.hitsLeft < 0) {
    armed = undefined;
    rmSync(file);
  }
  throw new Error(`made up at ${point}`);
});
