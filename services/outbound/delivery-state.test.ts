import fc from 'fast-check';
import { afterTry, attemptsMax, backOffMs, deadAfterHours, diesAtMs, initialDelivery } from './delivery-state.ts';
import type { Verdict } from './verdict.ts';

const nowMs = Date.parse('2026-03-01T08:00:00.000Z');
const taken: Verdict = { taken: true, said: 'answers 204' };
const down: Verdict = { taken: false, fault: 'target', reason: 'answers 500' };
const unwanted: Verdict = { taken: false, fault: 'event', reason: 'answers 422' };
const after = (verdicts: readonly Verdict[], random = () => 0.5) =>
  verdicts.reduce(({ state }, verdict) => afterTry(state, verdict, { nowMs, random }), {
    state: initialDelivery,
    outcome: 'taken' as ReturnType<typeof afterTry>['outcome'],
  });

test.each([
  ['taken', [taken], { outcome: 'taken', breaker: 'closed', failures: 0, attempts: 0, delivered: 1 }],
  ['down once', [down], { outcome: 'again', breaker: 'closed', failures: 1, attempts: 0, delivered: 0 }],
  ['down four times', [down, down, down, down], { outcome: 'again', breaker: 'closed', failures: 4 }],
  ['down five times', [down, down, down, down, down], { outcome: 'again', breaker: 'open', failures: 5 }],
  ['back again', [down, down, down, down, down, taken], { outcome: 'taken', breaker: 'closed', failures: 0 }],
  [
    'down, then up again but not for this',
    [down, unwanted],
    { outcome: 'again', breaker: 'closed', failures: 0, attempts: 1 },
  ],
  ['unwanted twice', [unwanted, unwanted], { outcome: 'again', attempts: 2 }],
  ['unwanted three times', [unwanted, unwanted, unwanted], { outcome: 'dead', attempts: 0, failures: 0 }],
])('%s', (_, verdicts, expected) => {
  const { state, outcome } = after(verdicts);
  expect({ ...state, outcome }).toMatchObject(expected);
});

test('what a target asks for with Retry-After is waited for', () => {
  const { state } = after([{ ...down, notBeforeMs: nowMs + 90_000 } as Verdict]);
  expect(Date.parse(state.nextTryAt!)).toBe(nowMs + 90_000);
});

test('waits double up to five minutes, each within the second half of its own', () => {
  for (let failures = 1; failures < 40; failures += 1) {
    const whole = Math.min(2 ** (failures - 1), 300) * 1000;
    expect(backOffMs(failures, () => 0)).toBe(whole / 2);
    expect(backOffMs(failures, () => 1)).toBe(whole);
  }
});

test('an event ages while its target is down, not while the target is paused', () => {
  const event = {
    meta: { schemaVersion: 1, clock: 'trusted' as const, occurredAt: '', receivedAt: '2026-03-01T08:00:00.000Z' },
  };
  expect(diesAtMs(event, 0)).toBe(nowMs + deadAfterHours * 3_600_000);
  expect(diesAtMs(event, nowMs + 5)).toBe(nowMs + 5 + deadAfterHours * 3_600_000);
});

test('whatever is answered: no count below zero, an open breaker only of a target that fails, no event tried for ever', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(taken, down, unwanted), { maxLength: 60 }), (verdicts) => {
      let state = initialDelivery;
      let unwantedInARow = 0;
      for (const verdict of verdicts) {
        const result = afterTry(state, verdict, { nowMs, random: () => 0 });
        state = result.state;
        unwantedInARow = result.outcome === 'again' && verdict === unwanted ? unwantedInARow + 1 : unwantedInARow;
        if (result.outcome !== 'again') unwantedInARow = 0;
        expect(unwantedInARow).toBeLessThan(attemptsMax);
        expect(state.failures).toBeGreaterThanOrEqual(0);
        expect(state.breaker === 'open').toBe(state.failures >= 5);
        expect(state.nextTryAt === null).toBe(result.outcome !== 'again');
      }
    }),
  );
});
