import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;
type Looked<Found> = Found | undefined | false;
interface Rest {
  restSeconds: number;
  limitSeconds: number;
}

export const seconds = (count: number): Promise<void> => sleep(count * 1_000);

/** Asks again until `look` finds something. `undefined` when it has not within the time. */
export const foundWithin = async <Found>(
  limitSeconds: number,
  look: () => Promise<Looked<Found>> | Looked<Found>,
): Promise<Found | undefined> => {
  const untilMs = performance.now() + limitSeconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() >= untilMs) return undefined;
    await sleep(pollMs);
  }
};

/** Whether a count comes to rest, and stays so for a while. */
export const comesToRest = async (count: () => number, { restSeconds, limitSeconds }: Rest): Promise<boolean> => {
  let [last, sinceMs] = [count(), performance.now()];
  const rested = await foundWithin(limitSeconds, () => {
    const now = count();
    if (now !== last) [last, sinceMs] = [now, performance.now()];
    return performance.now() - sinceMs >= restSeconds * 1_000;
  });
  return rested === true;
};

/** The same as `foundWithin`, where its absence ends the scenario. */
export const until = async <Found>(
  limitSeconds: number,
  what: string,
  look: () => Promise<Looked<Found>> | Looked<Found>,
): Promise<Found> => {
  const found = await foundWithin(limitSeconds, look);
  if (found === undefined) throw new Error(`${what}: not within ${limitSeconds} s`);
  return found;
};
