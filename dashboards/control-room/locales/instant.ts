const formats = new Map<string, Intl.DateTimeFormat>();

/** Building a format costs far more than using it, and a list shows hundreds of times. */
function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${Object.keys(options).join()}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(key, found);
  }
  return found;
}

const parts = (iso: string, zone: string): Record<string, string> =>
  Object.fromEntries(
    format(zone, {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'shortOffset',
    })
      .formatToParts(Date.parse(iso))
      .map(({ type, value }) => [type, value]),
  );

/** `2026-03-01 08:00:05 GMT+8`: nothing left to guess. */
export function absoluteTime(iso: string, zone: string): string {
  const { year, month, day, hour, minute, second, timeZoneName } = parts(iso, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
}

/** `08:00:05` on the same day, `02-28 08:00` in the same year, else the date. */
export function shortTime(iso: string, zone: string, nowMs: number): string {
  const then = parts(iso, zone);
  const now = parts(new Date(nowMs).toISOString(), zone);
  if (then.year !== now.year) return `${then.year}-${then.month}-${then.day}`;
  if (then.month !== now.month || then.day !== now.day) return `${then.month}-${then.day} ${then.hour}:${then.minute}`;
  return `${then.hour}:${then.minute}:${then.second}`;
}

export function dayOf(iso: string, zone: string): string {
  const { year, month, day } = parts(iso, zone);
  return `${year}-${month}-${day}`;
}

/** Instant at which the clocks of a zone show `2026-03-01T08:00` (with or without seconds), as ISO 8601 in UTC. */
export function instantOf(local: string, zone: string): string {
  const asUtc = Date.parse(`${local}Z`);
  // The offset that holds near that instant; a second step settles days on which the clocks change.
  const offsetAt = (ms: number): number => {
    const p = parts(new Date(ms).toISOString(), zone);
    const shown = Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}Z`);
    return Math.round((shown - ms) / 60_000) * 60_000;
  };
  return new Date(asUtc - offsetAt(asUtc - offsetAt(asUtc))).toISOString();
}

/** What the clocks of a zone show, as a field for date and time takes it: `2026-03-01T08:00`. */
export function localOf(iso: string, zone: string): string {
  const { year, month, day, hour, minute } = parts(iso, zone);
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

/** The last instant of a day in a zone, as ISO 8601 in UTC. */
export const endOfDay = (day: string, zone: string): string => instantOf(`${day}T23:59:59.999`, zone);
