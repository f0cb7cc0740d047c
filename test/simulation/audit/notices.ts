import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { Instants, Told } from './instants.ts';

interface Rule {
  id: string;
  on: string;
  classes: string[];
  breaksQuietHours: boolean;
  until: string[];
  steps: { kind: string; afterSeconds: number; repeat?: { everySeconds: number; times: number } }[];
}

interface Rules {
  quietHours: { from: string; to: string };
  rules: Rule[];
}

/** Somebody is to be told at an instant, as long as nothing has ended the reason. */
interface Expected {
  dueMs: number;
  sinceMs: number;
  endedMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** All compounds of the simulation live by it, and it knows no summer time. */
const zoneMs = 8 * hourMs;
/** What is heard of later is no news. */
const newsMs = dayMs;
const url = new URL('../../../services/outbound/notice-rules.yaml', import.meta.url);

const ofDayMs = (time: string): number => {
  const [hour, minute] = time.split(':').map(Number);
  return hour! * hourMs + minute! * 60_000;
};

const audibleMs = (ms: number, { from, to }: Rules['quietHours']): number => {
  const sinceMidnightMs = (ms + zoneMs) % dayMs;
  if (sinceMidnightMs >= ofDayMs(from)) return ms - sinceMidnightMs + dayMs + ofDayMs(to);
  return sinceMidnightMs < ofDayMs(to) ? ms - sinceMidnightMs + ofDayMs(to) : ms;
};

const expectedOf = (rules: Rules, stream: readonly Told[], endMs: number): Map<string, Expected> => {
  const expected = new Map<string, Expected>();
  const { priority, late } = stream[0]!.data as { priority: string; late: boolean };
  for (const [index, { event, committedMs }] of stream.entries()) {
    const receivedMs = Date.parse(event.meta.receivedAt);
    if (committedMs - receivedMs > newsMs) continue;
    for (const rule of rules.rules) {
      if (rule.on !== event.type || !rule.classes.includes(priority)) continue;
      const endings = [...rule.until, 'work-order.closed', 'work-order.cancelled'];
      const end = stream.slice(index + 1).find(({ event: { type } }) => endings.includes(type));
      const heard = (ms: number): number => (rule.breaksQuietHours && !late ? ms : audibleMs(ms, rules.quietHours));
      const afters = rule.steps.flatMap(({ afterSeconds, repeat }) =>
        Array.from({ length: 1 + (repeat?.times ?? 0) }, (_, nth) => afterSeconds + nth * (repeat?.everySeconds ?? 0)),
      );
      for (const [step, afterSeconds] of afters.entries()) {
        const dueMs = heard(heard(receivedMs) + afterSeconds * 1000);
        const endedMs = end?.committedMs ?? endMs;
        expected.set(`${rule.id} ${event.id} ${step}`, { dueMs, sinceMs: committedMs, endedMs });
      }
    }
  }
  return expected;
};

interface Issued {
  order?: string;
  rule: string;
  timers: { trigger: string; step: number }[];
}

/** People are told, reminded and passed over at the instants of the rules, once each, until somebody moves. */
export const auditNotices = (
  events: readonly RecordedEvent[],
  streams: ReadonlyMap<string, Told[]>,
  when: Instants,
  endMs: number,
) => {
  const rules = parse(readFileSync(url, 'utf8')) as Rules;
  const issued = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    if (event.type !== 'notice.issued') continue;
    const { order, rule, timers } = event.data as Issued;
    for (const { trigger, step } of timers) {
      const key = `${order} ${rule} ${trigger} ${step}`;
      issued.set(key, [...(issued.get(key) ?? []), event]);
    }
  }
  const complaints = [...streams].flatMap(([order, stream]) =>
    [...expectedOf(rules, stream, endMs)].flatMap(([timer, { dueMs, sinceMs, endedMs }]) => {
      const about = `order ${order}: ${timer}, due ${new Date(dueMs).toISOString()},`;
      const key = `${order} ${timer}`;
      const [first, ...more] = issued.get(key) ?? [];
      issued.delete(key);
      const latestMs = when.latestMs(Math.max(dueMs, sinceMs), 1_500);
      if (first === undefined) return endedMs > latestMs ? [`${about} was told to nobody`] : [];
      const toldMs = when.committedMs(first);
      return [
        ...(more.length > 0 ? [`${about} was told ${more.length + 1} times`] : []),
        ...(toldMs < dueMs ? [`${about} was told at ${new Date(toldMs).toISOString()} already`] : []),
        ...(toldMs > latestMs ? [`${about} was told at ${new Date(toldMs).toISOString()} only`] : []),
        ...(toldMs > when.latestMs(endedMs) ? [`${about} was told though it was over`] : []),
      ];
    }),
  );
  const count = [...issued.keys()].map((key) => `a notice that no rule asks for: ${key}`);
  return { complaints: [...complaints, ...count], told: events.filter(({ type }) => type === 'notice.issued').length };
};
