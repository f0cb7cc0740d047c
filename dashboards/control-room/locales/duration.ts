const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export interface DurationWords {
  /** Key in the catalogues. */
  key:
    | 'duration.seconds'
    | 'duration.minutes'
    | 'duration.hours'
    | 'duration.days'
    | 'duration.hoursMinutes'
    | 'duration.daysHours';
  values: Record<string, number>;
}

/** One unit, cut off, never rounded up: "59 min" until the hour is full. */
export function roughDuration(ms: number): DurationWords {
  const span = Math.max(0, ms);
  if (span < minuteMs) return { key: 'duration.seconds', values: { n: Math.floor(span / secondMs) } };
  if (span < hourMs) return { key: 'duration.minutes', values: { n: Math.floor(span / minuteMs) } };
  if (span < 2 * dayMs) return { key: 'duration.hours', values: { n: Math.floor(span / hourMs) } };
  return { key: 'duration.days', values: { n: Math.floor(span / dayMs) } };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A running clock: `4:07` to the second while it is about minutes, in words from an hour on. */
export function clockDuration(ms: number): string | DurationWords {
  const span = Math.abs(ms);
  const hours = Math.floor(span / hourMs);
  const minutes = Math.floor((span % hourMs) / minuteMs);
  if (span >= 2 * dayMs) {
    return { key: 'duration.daysHours', values: { days: Math.floor(span / dayMs), hours: hours % 24 } };
  }
  if (hours > 0) return { key: 'duration.hoursMinutes', values: { hours, minutes } };
  return `${minutes}:${two(Math.floor((span % minuteMs) / secondMs))}`;
}
