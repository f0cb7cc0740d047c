import { isLasting } from '../star-rating/cut.ts';
import { type Recorded, storiesIn, tellStory } from '../star-rating/fact-stories.ts';
import type { KeptFact } from '../star-rating/fold.ts';
import type { Interval } from '../star-rating/intervals.ts';
import { meetingsBackMs } from '../star-rating/past.ts';
import type { DayRange } from './day-series.ts';

/** What one order, meeting, whistle or publication tells on days on which the same of its facts are looked at. */
export interface ToldStretch extends DayRange {
  told: Recorded;
}

/** How many of the instants, which are in order, lie before `ms`. */
const countBefore = (instantsMs: readonly number[], ms: number): number => {
  let low = 0;
  let high = instantsMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (instantsMs[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** When the windows of the days begin and end: searched for every fact, and as bare numbers in half the time. */
interface WindowEdges {
  fromMs: readonly number[];
  toMs: readonly number[];
}

/** The days that look at a fact: from when it had happened, for as long as it lies in their window or is looked back at. */
const daysOf = (fact: KeptFact, { fromMs, toMs }: WindowEdges): DayRange => {
  const { atMs } = fact;
  const from = countBefore(toMs, atMs);
  if (fact.type.startsWith('disclosure.')) return { from, to: toMs.length };
  return { from, to: isLasting(fact) ? countBefore(toMs, atMs + meetingsBackMs + 1) : countBefore(fromMs, atMs + 1) };
};

const stretchesOf = (story: readonly KeptFact[], edges: WindowEdges): ToldStretch[] => {
  const days = story.map((fact) => daysOf(fact, edges));
  const turns = [...new Set(days.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  return turns.slice(0, -1).map((turn, index) => {
    const facts = story.filter((_, place) => days[place]!.from <= turn && turn < days[place]!.to);
    return { told: tellStory(facts), from: turn, to: turns[index + 1]! };
  });
};

/** What people put on record, told anew only when one of a story's facts comes in or goes out of what is looked at. */
export const toldStretches = (facts: readonly KeptFact[], windows: readonly Interval[]): ToldStretch[] => {
  const edges = { fromMs: windows.map(({ fromMs }) => fromMs), toMs: windows.map(({ toMs }) => toMs) };
  return storiesIn(facts).flatMap((story) => stretchesOf(story, edges));
};
