import { DateTime } from 'luxon';
import { z } from 'zod';
import { compoundStream } from '../../../event-log/event.ts';
import { countedDeliveries, delivered, deliveryEdgesSeconds, pictureCounter } from '../counters.ts';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { clip, type Interval } from '../intervals.ts';
import { type Contribution, deviceSubject, layered, lifeTypes, saidBeneath } from './contribution.ts';
import {
  type Bilingual,
  deviceSelection,
  type Measured,
  noEvidence,
  notApplicable,
  percentOf,
  whenNone,
} from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords, durationWords, listed, named, percentWords } from './words.ts';

const nothing = (none: z.infer<typeof whenNone>, detail: Bilingual, contributions?: () => Contribution[]): Measured => {
  const told = { detail: () => detail, ...(contributions === undefined ? {} : { contributions }) };
  return none === 'not-applicable' ? notApplicable(told) : noEvidence(told);
};

/** What a device's counters say: so many good ones of all. */
interface Counted {
  device: DeviceFacts;
  good: number;
  all: number;
}

const sum = (counted: readonly Counted[]): { good: number; all: number } => ({
  good: counted.reduce((total, { good }) => total + good, 0),
  all: counted.reduce((total, { all }) => total + all, 0),
});

const countedOf = (
  facts: RatingFacts,
  { device: { device }, good, all }: Counted,
  types: readonly string[],
  text: Bilingual,
): Contribution => ({
  subject: deviceSubject(device),
  counted: all > 0,
  value: all > 0 ? (100 * good) / all : null,
  numerator: all > 0 ? good : null,
  denominator: all > 0 ? all : null,
  text,
  intervals: [],
  beneath: saidBeneath(facts, [device], types),
});

/** Devices that lie below, those with the most failures first. */
const worstCounted = (counted: readonly Counted[], needed: number): Bilingual =>
  listed(
    counted
      .filter(({ good, all }) => all > 0 && (100 * good) / all < needed)
      .sort((a, b) => b.all - b.good - (a.all - a.good)),
    ({ device: { device }, good, all }) => {
      const share = percentWords((100 * good) / all);
      return { zh: `${device.name} ${good}/${all}（${share}）`, en: `${device.name} ${good} of ${all} (${share})` };
    },
  );

export const deliveryWithinParameters = z.strictObject({
  name: z.literal('delivery-within'),
  eventTypes: z.array(z.enum(countedDeliveries)).min(1),
  withinSeconds: z.literal(deliveryEdgesSeconds),
  whenNone,
});

/** Share of events that the hub had soon enough after they happened, by a device clock that can be trusted. */
export const deliveryWithin = (
  facts: RatingFacts,
  { eventTypes, withinSeconds, whenNone: none }: z.infer<typeof deliveryWithinParameters>,
): Measured => {
  const counted = facts.devices.map((device): Counted => {
    let [good, all] = [0, 0];
    // Most devices let nobody pass.
    if (Object.keys(device.counts).length > 0) {
      for (const type of eventTypes) {
        const counts = delivered(device.counts, type, withinSeconds);
        good += counts.within;
        all += counts.all;
      }
    }
    return { device, good, all };
  });
  const { good, all } = sum(counted);
  const contributions = (): Contribution[] =>
    counted
      .filter((item) => item.all > 0 || item.device.device.kind === 'access-gate')
      .map((item) =>
        countedOf(
          facts,
          item,
          eventTypes,
          item.all === 0
            ? { zh: '没有带可信设备时间的通行记录', en: 'no event with a trusted device clock' }
            : {
                zh: `${item.all} 条记录中 ${item.good} 条在 ${withinSeconds} 秒内送达`,
                en: `${item.good} of ${item.all} events arrived within ${withinSeconds} s`,
              },
        ),
      );
  if (all === 0) {
    const detail = { zh: '需要带可信设备时间的通行记录', en: 'events with a trusted device clock are wanted' };
    return nothing(none, detail, contributions);
  }
  return percentOf(good, all, {
    detail: () => ({
      zh: `${all} 条记录中 ${good} 条在 ${withinSeconds} 秒内送达`,
      en: `${good} of ${all} events arrived within ${withinSeconds} s`,
    }),
    shortfall: (needed) => {
      const names = worstCounted(counted, needed);
      return { zh: `送达较慢：${names.zh}`, en: `delivered late: ${names.en}` };
    },
    contributions,
  });
};

export const pictureRateParameters = z.strictObject({ name: z.literal('picture-rate'), ...deviceSelection, whenNone });

/** Share of picture probes that brought a picture. */
export const pictureRate = (facts: RatingFacts, parameters: z.infer<typeof pictureRateParameters>): Measured => {
  const counted = selectDevices(facts, parameters).map((device): Counted => {
    const good = device.counts[pictureCounter(true)] ?? 0;
    return { device, good, all: good + (device.counts[pictureCounter(false)] ?? 0) };
  });
  const { good, all } = sum(counted);
  const words = deviceWords(parameters);
  const contributions = (): Contribution[] =>
    counted.map((item) =>
      countedOf(
        facts,
        item,
        ['camera.picture-probed'],
        item.all === 0
          ? { zh: '没有画面探测', en: 'no picture probe' }
          : {
              zh: `${item.all} 次画面探测中 ${item.good} 次正常`,
              en: `${item.good} of ${item.all} picture probes brought a picture`,
            },
      ),
    );
  if (all === 0) {
    const detail = { zh: `需要${words.zh}的画面探测`, en: `picture probes of the ${words.en} are wanted` };
    return nothing(parameters.whenNone, detail, contributions);
  }
  return percentOf(good, all, {
    detail: () => ({
      zh: `${all} 次画面探测中 ${good} 次正常`,
      en: `${good} of ${all} picture probes brought a picture`,
    }),
    shortfall: (needed) => {
      const names = worstCounted(counted, needed);
      return { zh: `画面异常：${names.zh}`, en: `without a picture: ${names.en}` };
    },
    contributions,
  });
};

const hourMs = 3_600_000;

/** Beginnings of the UTC hours that touch the stretch of time. */
const hoursBetween = (fromMs: number, toMs: number): number[] => {
  const hours: number[] = [];
  for (let ms = Math.floor(fromMs / hourMs) * hourMs; ms < toMs; ms += hourMs) hours.push(ms);
  return hours;
};

/** The compound's days with the items that fall on them. */
const byDay = (instants: readonly number[], timeZone: string): Map<string, number[]> => {
  const days = new Map<string, number[]>();
  for (const ms of instants) {
    const day = DateTime.fromMillis(ms, { zone: timeZone }).toISODate()!;
    const own = days.get(day);
    if (own === undefined) days.set(day, [ms]);
    else own.push(ms);
  }
  return days;
};

/** `6 月 12 日 03:00` as `06-12 03:00`, by the compound's own clock. */
const hourWords = (ms: number, timeZone: string): string =>
  DateTime.fromMillis(ms, { zone: timeZone }).toFormat('LL-dd HH:mm');

/** Hours that follow each other, joined. */
const stretchesOf = (hours: readonly number[]): Interval[] => {
  const joined: Interval[] = [];
  for (const fromMs of hours) {
    const last = joined.at(-1);
    if (last?.toMs === fromMs) last.toMs = fromMs + hourMs;
    else joined.push({ fromMs, toMs: fromMs + hourMs });
  }
  return joined;
};

const dayOfHours = (
  facts: RatingFacts,
  day: string,
  hours: readonly number[],
  isHeard: (ms: number) => boolean,
): Contribution => {
  const { compound, devices } = facts;
  const start = DateTime.fromISO(day, { zone: compound.timeZone });
  const heard = hours.filter(isHeard);
  const whole = { fromMs: start.toMillis(), toMs: start.plus({ days: 1 }).toMillis() };
  const said = saidBeneath(
    facts,
    devices.map(({ device }) => device),
    lifeTypes,
  );
  return {
    subject: { kind: 'day', id: day, name: day },
    counted: true,
    value: (100 * heard.length) / hours.length,
    numerator: heard.length,
    denominator: hours.length,
    text: {
      zh: `${hours.length} 小时中 ${heard.length} 小时有设备数据`,
      en: `devices spoke in ${heard.length} of ${hours.length} hours`,
    },
    // What is left of the day is explained, or not a whole hour.
    intervals: layered(
      clip([whole], facts.window),
      [
        ['up', stretchesOf(heard)],
        ['down', stretchesOf(hours)],
      ],
      'not-observed',
    ),
    beneath: {
      streams: [compoundStream(compound.id), ...said.streams],
      types: ['compound.gap-recorded', ...said.types],
      ...whole,
    },
  };
};

export const unexplainedGapHoursParameters = z.strictObject({ name: z.literal('unexplained-gap-hours'), whenNone });

/**
 * Share of the hours since the first device was registered in which any device spoke. A silent hour that an outage of the
 * hub, a bridge or a gateway touches is explained; the first and the last hour, which are not whole, count only when something was heard in them.
 */
export const unexplainedGapHours = (
  facts: RatingFacts,
  { whenNone: none }: z.infer<typeof unexplainedGapHoursParameters>,
): Measured => {
  const { compound, devices, window, heardHoursMs } = facts;
  const explained = [...facts.gaps, ...facts.gatewayGaps];
  if (devices.length === 0) return nothing(none, { zh: '请登记并接入设备', en: 'register and connect the devices' });
  const sinceMs = Math.max(window.fromMs, Math.min(...devices.map(({ registeredAtMs }) => registeredAtMs)));
  const heard = new Set(heardHoursMs);
  const hours = hoursBetween(sinceMs, window.toMs).filter((ms) => {
    if (heard.has(ms)) return true;
    const whole = ms >= sinceMs && ms + hourMs <= window.toMs;
    return whole && !explained.some((gap) => gap.fromMs < ms + hourMs && gap.toMs > ms);
  });
  if (hours.length === 0) {
    return noEvidence({
      detail: () => ({ zh: '设备刚刚登记，尚不足一小时', en: 'the devices were registered less than an hour ago' }),
    });
  }
  const withWord = hours.filter((ms) => heard.has(ms)).length;
  return percentOf(withWord, hours.length, {
    detail: () => ({
      zh: `${hours.length} 小时中 ${withWord} 小时有设备数据`,
      en: `devices spoke in ${withWord} of ${hours.length} hours`,
    }),
    shortfall: () => {
      const silent = stretchesOf(hours.filter((ms) => !heard.has(ms)));
      const longest = silent.sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
      const names = listed(longest, ({ fromMs, toMs }) => {
        const from = hourWords(fromMs, compound.timeZone);
        const length = durationWords(toMs - fromMs);
        return { zh: `${from} 起 ${length.zh}`, en: `${length.en} from ${from}` };
      });
      return { zh: `无任何设备数据且无说明：${names.zh}`, en: `silent without a reason: ${names.en}` };
    },
    contributions: () =>
      [...byDay(hours, compound.timeZone)].map(([day, own]) => dayOfHours(facts, day, own, (ms) => heard.has(ms))),
  });
};

export const platformDaysParameters = z.strictObject({ name: z.literal('platform-days') });

/** Beginnings of the days of a stretch of time, and the end of the last one. */
interface Days {
  name: string;
  startsMs: number[];
}

/** A city is rated on the same day, one compound after the other. */
let newestDays: Days = { name: '', startsMs: [] };

const wholeDays = ({ compound: { timeZone }, window: { fromMs, toMs } }: RatingFacts): number[] => {
  const today = DateTime.fromMillis(toMs, { zone: timeZone }).startOf('day');
  const begun = DateTime.fromMillis(fromMs, { zone: timeZone }).startOf('day');
  // The window begins in the middle of a day, and a report of that morning lies before it: only whole days count.
  let day = begun.toMillis() === fromMs ? begun : begun.plus({ days: 1 });
  const name = `${timeZone} ${day.toMillis()} ${today.toMillis()}`;
  if (newestDays.name === name) return newestDays.startsMs;
  const startsMs: number[] = [];
  for (; day <= today; day = day.plus({ days: 1 })) startsMs.push(day.toMillis());
  newestDays = { name, startsMs };
  return startsMs;
};

/** Share of the window's whole days, in the compound's own zone, on which the city platform took a report. */
export const platformDays = (facts: RatingFacts): Measured => {
  const { compound, platformReportsMs, platformSinceMs } = facts;
  // A connector that fell silent reports on no day; only one that never was is no evidence.
  if (platformSinceMs === null) {
    return noEvidence({ detail: () => ({ zh: '尚未接入市平台', en: 'connect the compound to the city platform' }) });
  }
  const startsMs = wholeDays(facts);
  const days = startsMs.slice(0, -1).map((fromMs, index) => ({ fromMs, toMs: startsMs[index + 1]! }));
  if (days.length === 0) {
    return noEvidence({ detail: () => ({ zh: '尚不足一整天', en: 'not a whole day yet' }) });
  }
  const reportedOn = ({ fromMs, toMs }: Interval): boolean => platformReportsMs.some((ms) => ms >= fromMs && ms < toMs);
  const reported = days.filter(reportedOn).length;
  const dateOf = ({ fromMs }: Interval, format: string): string =>
    DateTime.fromMillis(fromMs, { zone: compound.timeZone }).toFormat(format);
  return percentOf(reported, days.length, {
    detail: () => ({
      zh: `${days.length} 天中 ${reported} 天向市平台报送`,
      en: `reported to the city platform on ${reported} of ${days.length} days`,
    }),
    shortfall: () => {
      const names = named(days.filter((day) => !reportedOn(day)).map((day) => dateOf(day, 'LL-dd')));
      return { zh: `未报送：${names.zh}`, en: `no report on ${names.en}` };
    },
    contributions: () =>
      days.map((day) => {
        const date = dateOf(day, 'yyyy-LL-dd');
        const isReported = reportedOn(day);
        return {
          subject: { kind: 'day', id: date, name: date },
          counted: true,
          value: isReported ? 100 : 0,
          numerator: isReported ? 1 : 0,
          denominator: 1,
          text: isReported
            ? { zh: '市平台已接收报送', en: 'the city platform took a report' }
            : { zh: '未报送', en: 'no report' },
          intervals: [],
          beneath: { streams: [compoundStream(compound.id)], types: ['platform.reported'], ...day },
        };
      }),
  });
};
