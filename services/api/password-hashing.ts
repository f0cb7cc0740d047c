import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Of the four threads that Node has for such work, so that files and names are still looked up meanwhile. */
const hashesAtOnceMax = 2;
const waitingMax = 1_000;
const waitingPerAddressMax = 100;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

/** Thrown where an address, or all of them, have more passwords waiting than will be looked at in time. */
export class TooManyWaiting extends Error {
  readonly code = 'password.too-many-waiting';
}

/**
 * Lets work through a few at a time, the addresses in turn: whoever floods waits behind himself, and the next password
 * from elsewhere is looked at next.
 */
export const createFairTurns = (atOnceMax = hashesAtOnceMax) => {
  const waiting = new Map<string, (() => void)[]>();
  let running = 0;
  let count = 0;

  const next = (): void => {
    const first = waiting.entries().next().value;
    if (first === undefined || running >= atOnceMax) return;
    const [address, queue] = first;
    const start = queue.shift()!;
    // To the end of the round.
    waiting.delete(address);
    if (queue.length > 0) waiting.set(address, queue);
    count -= 1;
    running += 1;
    start();
  };

  return async <Done>(address: string, work: () => Promise<Done>): Promise<Done> => {
    const queue = waiting.get(address) ?? [];
    if (count >= waitingMax || queue.length >= waitingPerAddressMax) throw new TooManyWaiting();
    await new Promise<void>((resolve) => {
      queue.push(resolve);
      waiting.set(address, queue);
      count += 1;
      next();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      next();
    }
  };
};

export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await derive(password, salt, 32)).toString('hex')}`;
};

export const passwordMatches = async (password: string, stored: string): Promise<boolean> => {
  const [salt, hash] = stored.split(':').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password, salt!, 32), hash!);
};
