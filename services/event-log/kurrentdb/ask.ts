import { setTimeout as sleep } from 'node:timers/promises';
import { NoAnswer, serverErrorKind } from './server-error.ts';

const firstRetryMs = 50;
const longestRetryMs = 1_000;

const noAnswer = (seconds: number): NoAnswer =>
  new NoAnswer(`the event log's server has not answered for ${seconds} s`);

/**
 * Neither client sets a limit to appends, nor to reads: a server that is stopped in mid work would be waited for for
 * ever. What is given up goes on unheard until `onGiveUp` ends it.
 */
export const answerWithin = <T>(seconds: number, work: Promise<T>, onGiveUp: () => void): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(noAnswer(seconds));
      onGiveUp();
    }, seconds * 1000);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** Everything that is read, while something comes at least every so many seconds. */
export const collectWithin = <T>(seconds: number, source: AsyncIterable<T>, onGiveUp: () => void): Promise<T[]> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(noAnswer(seconds));
      onGiveUp();
    }, seconds * 1000);
    const collect = async (): Promise<T[]> => {
      const collected: T[] = [];
      for await (const item of source) {
        collected.push(item);
        timer.refresh();
      }
      return collected;
    };
    collect()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });

/** Rejects when the signal aborts; the work goes on unheard. */
export const unlessAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });

/** Again and again while the error is `unknown`, until the time is up or nobody waits any more; then that error. */
export const persistently = async <T>(seconds: number, isOver: () => boolean, ask: () => Promise<T>): Promise<T> => {
  const startedAt = performance.now();
  for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
    try {
      return await ask();
    } catch (error) {
      const isLast = isOver() || performance.now() - startedAt + retryMs > seconds * 1000;
      if (isLast || serverErrorKind(error) !== 'unknown') throw error;
      await sleep(retryMs);
    }
  }
};
