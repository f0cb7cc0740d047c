/**
 * Shares of one core, by the time that ratings take; the processor works half as much again for them, in the database and
 * the garbage collector. All ratings together keep the first, those that can wait the second.
 */
const shareAtMost = 0.09;
const shareForWaiting = 0.03;
/** Two ratings of one compound lie so far apart. */
const distanceSeconds = 25;
/** Nothing was told, but the window moves: such a compound may be rated again, and must be. */
const staleSeconds = 30 * 60;
const overdueSeconds = 55 * 60;

/** What the rater knows of one compound. */
export interface RatingState {
  compound: string;
  /** When its rating was last tried; `-Infinity` for never. */
  ratedMs: number;
  /** What was told since: nothing, something that moves shares of a month, or something that can move a star by itself. */
  told: 'nothing' | 'something' | 'at-once';
}

/** Until when the rater rests, altogether and from compounds that can wait; by a clock that nobody sets. */
export interface Rest {
  untilMs: number;
  waitingUntilMs: number;
}

/**
 * `pressing`: somebody may be looking for a change, or the rating is an hour old. `waiting`: devices have spoken, or
 * time has passed. `undefined`: nothing to do yet.
 */
export const urgencyOf = ({ ratedMs, told }: RatingState, nowMs: number): 'pressing' | 'waiting' | undefined => {
  // Whatever the clock was set to, a rating of another hour is no rating of now.
  const ageSeconds = Math.abs(nowMs - ratedMs) / 1000;
  if (ageSeconds < distanceSeconds) return undefined;
  if (told === 'at-once' || ageSeconds >= overdueSeconds) return 'pressing';
  return told === 'something' || ageSeconds >= staleSeconds ? 'waiting' : undefined;
};

/** Whose turn it is: the oldest rating among the pressing ones, else among those that wait. */
export const nextTurn = (
  states: Iterable<RatingState>,
  { nowMs, pressingOnly }: { nowMs: number; pressingOnly: boolean },
): { compound: string; urgency: 'pressing' | 'waiting' } | undefined => {
  const oldest: { pressing?: RatingState; waiting?: RatingState } = {};
  for (const state of states) {
    const urgency = urgencyOf(state, nowMs);
    if (urgency === undefined) continue;
    const rival = oldest[urgency];
    if (rival === undefined || state.ratedMs < rival.ratedMs) oldest[urgency] = state;
  }
  if (oldest.pressing !== undefined) return { compound: oldest.pressing.compound, urgency: 'pressing' };
  if (oldest.waiting === undefined || pressingOnly) return undefined;
  return { compound: oldest.waiting.compound, urgency: 'waiting' };
};

/**
 * The rest that a rating costs, in proportion to the time it took: so the shares hold however large the city is, and a
 * small site's ratings follow each other closely.
 */
export const restAfter = (
  before: Rest,
  { endMs, tookMs, urgency }: { endMs: number; tookMs: number; urgency: 'pressing' | 'waiting' },
): Rest => ({
  untilMs: endMs + tookMs * (1 / shareAtMost - 1),
  waitingUntilMs: urgency === 'pressing' ? before.waitingUntilMs : endMs + tookMs * (1 / shareForWaiting - 1),
});
