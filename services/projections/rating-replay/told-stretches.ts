import { isLasting } from '../star-rating/cut.ts';
import { type Recorded, storiesIn, tellStory } from '../star-rating/fact-stories.ts';
import type { KeptFact } from '../star-rating/fold.ts';
import { firstIndex, type Interval } from '../star-rating/intervals.ts';
import { meetingsBackMs } from '../star-rating/past.ts';
import type { DayRange } from './day-series.ts';

/** What one order, meeting, whistle or publication tells on days on which the same of its facts are looked at. */
export interface ToldStretch extends DayRange {
  told: Recorded;
}

/** The days that look at a fact: from when it had happened, for as long as it lies in their window or is looked back at. */
const daysOf = (fact: KeptFact, windows: readonly Interval[]): DayRange => {
  const { atMs } = fact;
  const from = firstIndex(windows, ({ toMs }) => toMs >= atMs);
  if (fact.type.startsWith('disclosure.')) return { from, to: windows.length };
  const backMs = isLasting(fact) ? meetingsBackMs : null;
  return { from, to: firstIndex(windows, ({ fromMs, toMs }) => (backMs === null ? fromMs : toMs - backMs) > atMs) };
};

const stretchesOf = (story: readonly KeptFact[], windows: readonly Interval[]): ToldStretch[] => {
  const days = story.map((fact) => daysOf(fact, windows));
  const turns = [...new Set(days.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  return turns.slice(0, -1).map((turn, index) => {
    const facts = story.filter((_, place) => days[place]!.from <= turn && turn < days[place]!.to);
    return { told: tellStory(facts), from: turn, to: turns[index + 1]! };
  });
};

/** What people put on record, told anew only when one of a story's facts comes in or goes out of what is looked at. */
export const toldStretches = (facts: readonly KeptFact[], windows: readonly Interval[]): ToldStretch[] =>
  storiesIn(facts).flatMap((story) => stretchesOf(story, windows));
