import { DateTime } from 'luxon';
import { z } from 'zod';
import { countedDeliveries, delivered, deliveryEdgesSeconds, pictureCounter } from '../counters.ts';
import type { RatingFacts } from '../facts.ts';
import { deviceSelection, type Measured, noEvidence, notApplicable, percentOf, whenNone } from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords } from './words.ts';

const nothing = (none: z.infer<typeof whenNone>, zh: string, en: string): Measured =>
  none === 'not-applicable' ? notApplicable({ zh, en }) : noEvidence({ zh, en });

export const deliveryWithinParameters = z.strictObject({
  name: z.literal('delivery-within'),
  eventTypes: z.array(z.enum(countedDeliveries)).min(1),
  withinSeconds: z.literal(deliveryEdgesSeconds),
  whenNone,
});

/** Share of events that the hub had soon enough after they happened, by a device clock that can be trusted. */
export const deliveryWithin = (
  { devices }: RatingFacts,
  { eventTypes, withinSeconds, whenNone: none }: z.infer<typeof deliveryWithinParameters>,
): Measured => {
  let within = 0;
  let all = 0;
  for (const { counts } of devices) {
    for (const type of eventTypes) {
      const counted = delivered(counts, type, withinSeconds);
      within += counted.within;
      all += counted.all;
    }
  }
  if (all === 0) {
    return nothing(none, '需要带可信设备时间的通行记录', 'events with a trusted device clock are wanted');
  }
  return percentOf(within, all, {
    zh: `${all} 条记录中 ${within} 条在 ${withinSeconds} 秒内送达`,
    en: `${within} of ${all} events arrived within ${withinSeconds} s`,
  });
};

export const pictureRateParameters = z.strictObject({ name: z.literal('picture-rate'), ...deviceSelection, whenNone });

/** Share of picture probes that brought a picture. */
export const pictureRate = (facts: RatingFacts, parameters: z.infer<typeof pictureRateParameters>): Measured => {
  const devices = selectDevices(facts, parameters);
  const sum = (key: string): number => devices.reduce((total, { counts }) => total + (counts[key] ?? 0), 0);
  const ok = sum(pictureCounter(true));
  const all = ok + sum(pictureCounter(false));
  const words = deviceWords(parameters);
  if (all === 0)
    return nothing(parameters.whenNone, `需要${words.zh}的画面探测`, `picture probes of the ${words.en} are wanted`);
  return percentOf(ok, all, {
    zh: `${all} 次画面探测中 ${ok} 次正常`,
    en: `${ok} of ${all} picture probes brought a picture`,
  });
};

const hourMs = 3_600_000;

/** Beginnings of the UTC hours that touch the stretch of time. */
const hoursBetween = (fromMs: number, toMs: number): number[] => {
  const hours: number[] = [];
  for (let ms = Math.floor(fromMs / hourMs) * hourMs; ms < toMs; ms += hourMs) hours.push(ms);
  return hours;
};

export const unexplainedGapHoursParameters = z.strictObject({ name: z.literal('unexplained-gap-hours'), whenNone });

/**
 * Share of the hours since the first device was registered in which any device spoke. An hour that an outage of the hub
 * touches is explained; the first and the last hour, which are not whole, count only when something was heard in them.
 */
export const unexplainedGapHours = (
  { devices, window, gaps, heardHoursMs }: RatingFacts,
  { whenNone: none }: z.infer<typeof unexplainedGapHoursParameters>,
): Measured => {
  if (devices.length === 0) return nothing(none, '请登记并接入设备', 'register and connect the devices');
  const sinceMs = Math.max(window.fromMs, Math.min(...devices.map(({ registeredAtMs }) => registeredAtMs)));
  const heard = new Set(heardHoursMs);
  const hours = hoursBetween(sinceMs, window.toMs).filter((ms) => {
    if (heard.has(ms)) return true;
    const whole = ms >= sinceMs && ms + hourMs <= window.toMs;
    return whole && !gaps.some((gap) => gap.fromMs < ms + hourMs && gap.toMs > ms);
  });
  if (hours.length === 0)
    return noEvidence({ zh: '设备刚刚登记，尚不足一小时', en: 'the devices were registered less than an hour ago' });
  const withWord = hours.filter((ms) => heard.has(ms)).length;
  return percentOf(withWord, hours.length, {
    zh: `${hours.length} 小时中 ${withWord} 小时有设备数据`,
    en: `devices spoke in ${withWord} of ${hours.length} hours`,
  });
};

export const platformDaysParameters = z.strictObject({ name: z.literal('platform-days') });

/** Share of the window's whole days, in the compound's own zone, on which the city platform took a report. */
export const platformDays = (facts: RatingFacts): Measured => {
  const { compound, window, platformReportsMs } = facts;
  if (platformReportsMs.length === 0) {
    return noEvidence({ zh: '尚未接入市平台', en: 'connect the compound to the city platform' });
  }
  const dayOf = (ms: number): DateTime => DateTime.fromMillis(ms, { zone: compound.timeZone }).startOf('day');
  const today = dayOf(window.toMs);
  // The window begins in the middle of a day, and a report of that morning lies before it: only whole days count.
  const begun = dayOf(window.fromMs);
  const first = begun.toMillis() === window.fromMs ? begun : begun.plus({ days: 1 });
  const days = Math.round(today.diff(first, 'days').days);
  const reported = new Set(
    platformReportsMs
      .map(dayOf)
      .filter((day) => day < today && day >= first)
      .map((day) => day.toISODate()),
  );
  if (days <= 0) return noEvidence({ zh: '尚不足一整天', en: 'not a whole day yet' });
  return percentOf(reported.size, days, {
    zh: `${days} 天中 ${reported.size} 天向市平台报送`,
    en: `reported to the city platform on ${reported.size} of ${days} days`,
  });
};
