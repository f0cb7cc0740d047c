/** Loaded before the hub's program: on SIGUSR2 reads which fault point ends the process, or throws, and at which of its hits. */
import { readFileSync } from 'node:fs';
import { installFaultPoints } from '../../../services/runtime/fault-points.ts';

let armed: { point: string; hitsLeft: number; how: string } | undefined;

process.on('SIGUSR2', () => {
  const [point = '', hits, how = ''] = readFileSync(process.env.XINGYUAN_FAULT_POINT!, 'utf8').split(' ');
  armed = { point, hitsLeft: Number(hits), how };
});

installFaultPoints((point) => {
  if (armed?.point !== point) return;
  armed.hitsLeft -= 1;
  if (armed.hitsLeft > 0) return;
  if (armed.how === 'kill') process.kill(process.pid, 'SIGKILL');
  // Twice, since what fails once is tried again.
  if (armed.hitsLeft < 0) armed = undefined;
  throw new Error(`made up at ${point}`);
});
