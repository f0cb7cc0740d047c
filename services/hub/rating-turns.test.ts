import fc from 'fast-check';
import { nextTurn, type RatingState, type Rest, restAfter, urgencyOf } from './rating-turns.ts';

const nowMs = Date.parse('2026-07-01T04:00:00.000Z');
const ago = (seconds: number, told: RatingState['told'] = 'nothing', compound = 'garden'): RatingState => ({
  ...{ compound, told },
  ratedMs: nowMs - seconds * 1000,
});

describe('a compound’s rating', () => {
  test.each<[string, RatingState, 'pressing' | 'waiting' | undefined]>([
    ['was never made', ago(Number.POSITIVE_INFINITY), 'pressing'],
    ['was just made, and an order was closed since', ago(24, 'at-once'), undefined],
    ['is half a minute old, and an order was closed since', ago(25, 'at-once'), 'pressing'],
    ['was just made, and a device has spoken since', ago(24, 'something'), undefined],
    ['is half a minute old, and a device has spoken since', ago(25, 'something'), 'waiting'],
    ['is younger than half an hour, and nothing was heard', ago(29 * 60), undefined],
    ['is half an hour old: the window has moved', ago(30 * 60), 'waiting'],
    ['is nearly an hour old', ago(55 * 60), 'pressing'],
    ['is nearly an hour old, and a device has spoken since', ago(55 * 60, 'something'), 'pressing'],
    ['was made in what is now the future: the clock was set back', ago(-3600), 'pressing'],
  ])('%s', (_, state, expected) => {
    expect(urgencyOf(state, nowMs)).toBe(expected);
  });
});

describe('whose turn it is', () => {
  const open = { nowMs, pressingOnly: false };
  test.each<[string, RatingState[], typeof open, string | undefined]>([
    ['nobody’s while all are fresh', [ago(1, 'at-once', 'a'), ago(60, 'nothing', 'b')], open, undefined],
    ['the oldest', [ago(60, 'at-once', 'a'), ago(90, 'at-once', 'b'), ago(70, 'at-once', 'c')], open, 'b'],
    ['the pressing one before an older that waits', [ago(900, 'something', 'a'), ago(60, 'at-once', 'b')], open, 'b'],
    ['the waiting one when nobody presses', [ago(900, 'something', 'a'), ago(5, 'at-once', 'b')], open, 'a'],
    ['nobody’s while those that wait must rest', [ago(900, 'something')], { ...open, pressingOnly: true }, undefined],
    ['a pressing one’s all the same', [ago(60, 'at-once')], { ...open, pressingOnly: true }, 'garden'],
  ])('%s', (_, states, when, expected) => {
    expect(nextTurn(states, when)?.compound).toBe(expected);
  });
});

/** A rater over a city in which every rating costs `tookMs`, for so many seconds. */
const runCity = (states: RatingState[], { tookMs, seconds }: { tookMs: number; seconds: number }) => {
  const byId = new Map(states.map((state) => [state.compound, { ...state }]));
  let rest: Rest = { untilMs: 0, waitingUntilMs: 0 };
  let spentMs = 0;
  let oldestSeconds = 0;
  for (let passedMs = 0; passedMs < seconds * 1000; ) {
    const at = nowMs + passedMs;
    const pressingOnly = passedMs < rest.waitingUntilMs;
    const turn = passedMs < rest.untilMs ? undefined : nextTurn(byId.values(), { nowMs: at, pressingOnly });
    if (turn === undefined) {
      const restMs = Math.max(rest.untilMs, pressingOnly ? rest.waitingUntilMs : 0) - passedMs;
      passedMs += restMs > 0 ? Math.min(restMs, 500) : 500;
      continue;
    }
    const state = byId.get(turn.compound)!;
    oldestSeconds = Math.max(oldestSeconds, (at - state.ratedMs) / 1000);
    state.ratedMs = at;
    passedMs += tookMs;
    spentMs += tookMs;
    rest = restAfter(rest, { endMs: passedMs, tookMs, urgency: turn.urgency });
  }
  return { share: spentMs / (seconds * 1000), oldestSeconds };
};

describe('what it costs', () => {
  const cityOf = (compounds: number, told: RatingState['told']): RatingState[] =>
    Array.from({ length: compounds }, (_, nth) => ago(nth, told, `c-${nth}`));

  test('never more than its share of a core, whatever is told and however slow the database is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 5, max: 2000 }),
        fc.constantFrom<RatingState['told'][]>('something', 'at-once'),
        (compounds, tookMs, told) => {
          const seconds = 120;
          // One rating may have begun just before the end.
          expect(runCity(cityOf(compounds, told), { tookMs, seconds }).share).toBeLessThanOrEqual(
            0.12 + tookMs / (seconds * 1000),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a small site shows within half a minute what its devices say', () => {
    const { oldestSeconds, share } = runCity(cityOf(10, 'something'), { tookMs: 20, seconds: 600 });
    expect(oldestSeconds).toBeLessThan(30);
    expect(share).toBeLessThan(0.03);
  });

  test('a city in which everything speaks spends a thirtieth of a core, and nobody waits for an hour', () => {
    const { oldestSeconds, share } = runCity(cityOf(500, 'something'), { tookMs: 120, seconds: 2 * 3600 });
    expect(share).toBeLessThan(0.031);
    expect(oldestSeconds).toBeGreaterThan(1800);
    expect(oldestSeconds).toBeLessThan(3600);
  });
});
