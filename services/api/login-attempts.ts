import type { Clock } from '../runtime/clock.ts';
import { ApiRefusal } from './problem.ts';

const attemptWindowMs = 60_000;
/** Wrong passwords for one name from one address. */
const perNameMax = 10;
/** Wrong passwords from one address, whatever the names: made-up ones are a guess each. */
const perAddressMax = 100;
const keysMax = 10_000;
const waitingMax = 1_000;

interface Attempts {
  wrong: number;
  sinceMs: number;
  /** Being looked at: each may turn out wrong. */
  open: number;
  waiting: (() => void)[];
}

const tooMany = (): ApiRefusal =>
  new ApiRefusal(429, 'login.too-many-attempts', 'Too many wrong passwords; wait a minute and try again.');

const createCounter = (clock: Clock, max: number) => {
  const byKey = new Map<string, Attempts>();
  const of = (key: string): Attempts => {
    const nowMs = clock.now();
    const known = byKey.get(key);
    if (known === undefined || (known.open === 0 && nowMs - known.sinceMs > attemptWindowMs)) {
      const fresh = { wrong: 0, sinceMs: nowMs, open: 0, waiting: [] };
      byKey.delete(key);
      byKey.set(key, fresh);
      if (byKey.size > keysMax) byKey.delete(byKey.keys().next().value!);
      return fresh;
    }
    return known;
  };
  return {
    /** Resolves when one more may be looked at; those beyond the bound wait for the outcome of the ones before them. */
    async enter(key: string): Promise<Attempts> {
      const attempts = of(key);
      while (attempts.wrong < max && attempts.wrong + attempts.open >= max) {
        if (attempts.waiting.length >= waitingMax) throw tooMany();
        await new Promise<void>((resolve) => attempts.waiting.push(resolve));
      }
      if (attempts.wrong >= max) throw tooMany();
      attempts.open += 1;
      return attempts;
    },
    leave(attempts: Attempts, outcome: 'right' | 'wrong' | 'unheard'): void {
      attempts.open -= 1;
      if (outcome === 'right') attempts.wrong = 0;
      else if (outcome === 'wrong') attempts.wrong += 1;
      // A wrong one left no room, unless it was the last: then nobody is heard any more.
      const woken = outcome === 'right' || attempts.wrong >= max ? attempts.waiting.length : 1;
      for (const wake of attempts.waiting.splice(0, woken)) wake();
    },
  };
};

/** IPv6 hands out networks, not addresses: the first half is who it is. */
export const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const whole = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, missing)).fill('0')];
  return `${whole.slice(0, 4).join(':')}::/64`;
};

/**
 * Counts wrong passwords by name and address, and by address. Correct ones that come at once are all heard: more than
 * could be wrong without going over the bound wait for each other.
 */
export const createAttempts = (clock: Clock) => {
  const names = createCounter(clock, perNameMax);
  const addresses = createCounter(clock, perAddressMax);
  return async <Found>(
    name: string,
    network: string,
    look: () => Promise<Found | undefined>,
  ): Promise<Found | undefined> => {
    const ofAddress = await addresses.enter(network);
    try {
      const ofName = await names.enter(`${name}|${network}`);
      try {
        const found = await look();
        names.leave(ofName, found === undefined ? 'wrong' : 'right');
        // A right password says nothing of the others from there, so it takes no wrong one back.
        addresses.leave(ofAddress, found === undefined ? 'wrong' : 'unheard');
        return found;
      } catch (error) {
        names.leave(ofName, 'unheard');
        throw error;
      }
    } catch (error) {
      addresses.leave(ofAddress, 'unheard');
      throw error;
    }
  };
};
