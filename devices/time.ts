import { DateTime } from 'luxon';
import type { DeviceTime } from './dialect.ts';

const trusted = (moment: DateTime): DeviceTime | undefined => {
  const at = moment.isValid ? moment.toUTC().toISO() : null;
  return at === null ? undefined : { at, clock: 'trusted' };
};

/** What nearly every device sends; days up to the 28th, since V8 takes a 30th of February for the 2nd of March. */
const plainTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** RFC 3339 with `Z` or an offset and any number of fraction digits (OCPP posts send 0 to 7, ChirpStack 9). Without an
 * offset it is read as local time of `timeZone`. `undefined` when it is no time at all. */
export const timeFromIso = (text: string, timeZone: string): DeviceTime | undefined => {
  if (plainTime.test(text)) {
    // A tenth of what the library takes for the same answer, and nothing where the text is in our own form.
    const isOurs = text.length === 24 && text.endsWith('Z');
    return { at: isOurs ? text : new Date(Date.parse(text)).toISOString(), clock: 'trusted' };
  }
  const hasOffset = /[zZ]$|[+-]\d{2}:?\d{2}$/.test(text);
  const shortened = text.trim().replace(/(\.\d{3})\d+/, '$1');
  return hasOffset ? trusted(DateTime.fromISO(shortened, { zone: 'utc' })) : timeFromLocal(shortened, timeZone);
};

/** `2024-08-22 13:33:33` or `2024-08-22T13:33:33`, read in the compound's zone because the device names none. */
export const timeFromLocal = (text: string, timeZone: string): DeviceTime | undefined => {
  const moment = DateTime.fromISO(text.trim().replace(' ', 'T'), { zone: timeZone });
  const at = moment.isValid ? moment.toUTC().toISO() : null;
  return at === null ? undefined : { at, clock: 'assumed-zone' };
};

/** Seconds since the epoch, whole or fractional (Frigate, Shelly, Vzenith). */
export const timeFromEpochSeconds = (seconds: number): DeviceTime | undefined =>
  trusted(DateTime.fromMillis(Math.round(seconds * 1000)));

/** Milliseconds since the epoch (ThingsBoard, Axis). */
export const timeFromEpochMilliseconds = (milliseconds: number): DeviceTime | undefined =>
  trusted(DateTime.fromMillis(milliseconds));
