import { isoTime } from '../runtime/clock.ts';
import type { ZonedServiceHours } from '../runtime/service-hours.ts';
import { plusServiceTime, serviceTimeBetween } from './calendar.ts';
import { type ClockStep, clockSteps } from './commands.ts';
import type { Deadlines } from './order-events.ts';
import type { ServiceLevel } from './service-levels.ts';

/** What an order's clocks are computed from. */
export interface OrderClocks {
  raisedAt: string;
  level: Pick<ServiceLevel, 'acknowledge' | 'onSite' | 'resolve' | 'serviceHours'>;
  /** What the compound's contract says; left out, every clock runs day and night. */
  contractHours?: ZonedServiceHours | undefined;
}

export interface StartedClocks {
  deadlines: Deadlines;
  /** Left out where the clocks run day and night. */
  serviceHours?: ZonedServiceHours;
}

/** The deadlines of an order that is raised now. Pure; what it answers goes into `work-order.raised` as it is. */
export const startClocks = ({ raisedAt, level, contractHours }: OrderClocks): StartedClocks => {
  const hours = level.serviceHours ? contractHours : undefined;
  const due = (step: ClockStep): string | null => {
    const duration = level[step];
    return duration === null ? null : isoTime(plusServiceTime(Date.parse(raisedAt), duration.seconds * 1000, hours));
  };
  const deadlines = { acknowledge: due('acknowledge'), onSite: due('onSite'), resolve: due('resolve') };
  return hours === undefined ? { deadlines } : { deadlines, serviceHours: hours };
};

/** Clocks that stand still, and since when. */
export interface StandingClocks {
  at: string;
  stops: readonly ClockStep[];
  /** As they were before. */
  deadlines: Deadlines;
}

/** What is due while some clocks stand still. */
export const deadlinesWhilePaused = ({ stops, deadlines }: StandingClocks): Deadlines => {
  const left = (step: ClockStep): string | null => (stops.includes(step) ? null : deadlines[step]);
  return { acknowledge: left('acknowledge'), onSite: left('onSite'), resolve: left('resolve') };
};

/**
 * The deadlines once the clocks run again: what was left of the service time as they stopped, counted from now on. A
 * clock that had run out before has nothing left to move, and a machine's clock that was put back in between resumes
 * where it paused.
 */
export const deadlinesAfterPause = (
  { at, stops, deadlines }: StandingClocks,
  resumedAt: string,
  hours: ZonedServiceHours | undefined,
): Deadlines => {
  const pausedMs = Date.parse(at);
  const resumedMs = Math.max(pausedMs, Date.parse(resumedAt));
  const moved: Deadlines = { ...deadlines };
  for (const step of clockSteps) {
    const due = deadlines[step];
    if (due === null || !stops.includes(step) || Date.parse(due) <= pausedMs) continue;
    const leftMs = serviceTimeBetween(pausedMs, Date.parse(due), hours);
    moved[step] = isoTime(plusServiceTime(resumedMs, leftMs, hours));
  }
  return moved;
};
