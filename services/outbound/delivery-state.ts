import type { Position, RecordedEvent } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Verdict } from './verdict.ts';

/** Where a target stands, as it is stored: a process that starts goes on from here. */
export interface DeliveryState {
  /** Everything up to here is taken, or is a dead letter; `null` before the first event. */
  position: Position | null;
  delivered: number;
  /** Tries of the event that is next, as far as they failed by its own fault. */
  attempts: number;
  /** Failures in a row that were the target's. */
  failures: number;
  failingSince: string | null;
  /** `open`: the target counts as down and is asked only now and then, each time with one event (half open). */
  breaker: 'closed' | 'open';
  nextTryAt: string | null;
  lastAnswer: string | null;
  lastAnswerAt: string | null;
  lastTakenAt: string | null;
}

export const initialDelivery: DeliveryState = {
  position: null,
  delivered: 0,
  attempts: 0,
  failures: 0,
  failingSince: null,
  breaker: 'closed',
  nextTryAt: null,
  lastAnswer: null,
  lastAnswerAt: null,
  lastTakenAt: null,
};

const backOffSeconds = { first: 1, longest: 300 };
const failuresToOpen = 5;
export const attemptsMax = 3;
export const deadAfterHours = 24;

/** Doubles, and falls anywhere in its second half, so that targets which went down together don't come back together. */
export const backOffMs = (failures: number, random: () => number): number => {
  const seconds = Math.min(backOffSeconds.first * 2 ** (failures - 1), backOffSeconds.longest);
  return (seconds / 2 + (random() * seconds) / 2) * 1000;
};

export type Outcome = 'taken' | 'again' | 'dead';

/** The state after a try, and what becomes of the event that was tried. */
export const afterTry = (
  state: DeliveryState,
  verdict: Verdict,
  { nowMs, random }: { nowMs: number; random: () => number },
): { state: DeliveryState; outcome: Outcome } => {
  const now = isoTime(nowMs);
  const answered = {
    ...state,
    lastAnswer: verdict.taken ? verdict.said : verdict.reason,
    lastAnswerAt: now,
  };
  const wellAgain = { failures: 0, failingSince: null, breaker: 'closed' as const, nextTryAt: null };
  if (verdict.taken) {
    const taken = { ...answered, ...wellAgain, attempts: 0, delivered: state.delivered + 1, lastTakenAt: now };
    return { state: taken, outcome: 'taken' };
  }
  if (verdict.fault === 'event') {
    const attempts = state.attempts + 1;
    if (attempts >= attemptsMax) return { state: { ...answered, ...wellAgain, attempts: 0 }, outcome: 'dead' };
    const nextTryAt = isoTime(nowMs + backOffMs(attempts, random));
    return { state: { ...answered, ...wellAgain, attempts, nextTryAt }, outcome: 'again' };
  }
  const failures = state.failures + 1;
  const nextTryMs = Math.max(nowMs + backOffMs(failures, random), verdict.notBeforeMs ?? 0);
  return {
    state: {
      ...answered,
      failures,
      failingSince: state.failingSince ?? now,
      breaker: failures >= failuresToOpen ? 'open' : state.breaker,
      nextTryAt: isoTime(nextTryMs),
    },
    outcome: 'again',
  };
};

/** When an event that a target which is down doesn't take becomes a dead letter. What waits for a pause doesn't age. */
export const diesAtMs = (event: Pick<RecordedEvent, 'meta'>, activeSinceMs: number): number =>
  Math.max(Date.parse(event.meta.receivedAt), activeSinceMs) + deadAfterHours * 3_600_000;
