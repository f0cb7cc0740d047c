import { isoTime } from '../../runtime/clock.ts';
import type { Duration, Ladder } from './ladder.ts';
import type { Due, MatterEventOf } from './matter-events.ts';
import { isOpenMatter, type MatterState } from './matter-state.ts';
import { addWorkingDays, nextWorkingDay, workingDaysBefore } from './working-days.ts';

export const dueAfter = (at: string, duration: Duration, timeZone: string): Due =>
  'minutes' in duration
    ? { from: at, at: isoTime(Date.parse(at) + duration.minutes * 60_000), unit: 'minutes' }
    : { from: at, at: isoTime(addWorkingDays(Date.parse(at), duration.workingDays, timeZone)), unit: 'working-days' };

/** A deadline of working days so much later. */
export const dueLater = (before: Due, days: number, timeZone: string): Due => ({
  ...before,
  at: isoTime(addWorkingDays(Date.parse(before.at) - 1, days, timeZone)),
});

export interface MatterClock {
  /** `screen`, or for a whistle `<its id>:report-in`, `<its id>:close`. */
  clock: string;
  due: Due;
}

/** The clocks that run: the matter's own, and those of every whistle at work. */
export const openClocks = (matter: MatterState): MatterClock[] => {
  if (!isOpenMatter(matter)) return [];
  const own = Object.entries(matter.dues).map(([clock, due]) => ({ clock, due }));
  const ofWhistles = matter.whistles.flatMap(({ id, state, reportIn, close }): MatterClock[] => {
    if (state === 'blown')
      return [
        { clock: `${id}:report-in`, due: reportIn },
        { clock: `${id}:close`, due: close },
      ];
    return state === 'reported-in' ? [{ clock: `${id}:close`, due: close }] : [];
  });
  return [...own, ...ofWhistles];
};

/** When a clock gets a card; `yellow` is missing where nothing is left to warn of. */
const cardTimes = ({ due }: MatterClock, ladder: Ladder, timeZone: string): { yellow?: number; red: number } => {
  const dueMs = Date.parse(due.at);
  if (due.unit === 'minutes') return { red: dueMs };
  const yellow = workingDaysBefore(dueMs, ladder.cards.yellow.workingDaysBefore, timeZone);
  const red = nextWorkingDay(dueMs, timeZone);
  return yellow <= Date.parse(due.from) ? { red } : { yellow, red };
};

export interface ComingCard {
  card: MatterEventOf<'matter.card-shown'>['data'];
  atMs: number;
}

/** Cards that the clocks as they run now have still to get, the next one first. A red one makes the yellow idle. */
export const comingCards = (matter: MatterState, ladder: Ladder): ComingCard[] => {
  const timeZone = matter.referred?.timeZone ?? 'Asia/Shanghai';
  const shown = new Set(matter.cards.map(({ colour, clock, dueAt }) => `${colour}|${clock}|${dueAt}`));
  return openClocks(matter)
    .flatMap((running): ComingCard[] => {
      const { clock, due } = running;
      const { yellow, red } = cardTimes(running, ladder, timeZone);
      if (shown.has(`red|${clock}|${due.at}`)) return [];
      const coming: ComingCard[] = [{ card: { colour: 'red', clock, dueAt: due.at }, atMs: red }];
      if (yellow !== undefined && !shown.has(`yellow|${clock}|${due.at}`))
        coming.unshift({ card: { colour: 'yellow', clock, dueAt: due.at }, atMs: yellow });
      return coming;
    })
    .sort((a, b) => a.atMs - b.atMs);
};

/** Cards that are due at an instant: of one clock the red one alone, where nobody looked in time for the yellow. */
export const cardsDue = (matter: MatterState, ladder: Ladder, atMs: number): ComingCard['card'][] => {
  const due = comingCards(matter, ladder).filter((coming) => coming.atMs <= atMs);
  const red = new Set(due.filter(({ card }) => card.colour === 'red').map(({ card }) => card.clock));
  return due.filter(({ card }) => card.colour === 'red' || !red.has(card.clock)).map(({ card }) => card);
};
