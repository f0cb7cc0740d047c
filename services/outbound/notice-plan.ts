import type { z } from 'zod';
import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import type { bilingual } from '../runtime/schema.ts';
import type { priorities } from '../work-orders/commands.ts';
import type { Raised } from '../work-orders/order-events.ts';
import type { Notice } from './notice-events.ts';
import type { NoticeRule, NoticeRules } from './notice-rules.ts';
import { afterQuietHours, nextTimeOfDay } from './quiet-hours.ts';

/** What is to be known of an order to tell of it; gone when the order has ended. */
export interface NotedOrder {
  order: string;
  compound: string;
  building: string | null;
  trade: string | null;
  priority: (typeof priorities)[number];
  title: z.infer<typeof bilingual>;
  raisedAt: string;
  late: boolean;
  assignee: string | null;
  revision: number;
  /** When the digest that it is to be in goes out. */
  digestAt: string | null;
}

export interface NoticeTimer {
  order: string;
  rule: string;
  /** Id of the event that began the rule. */
  trigger: string;
  step: number;
  dueAt: string;
}

export interface Noted {
  order: NotedOrder;
  timers: NoticeTimer[];
}

export interface NoticeContext {
  rules: NoticeRules;
  zoneOf(compound: string): string;
  nowMs: number;
}

/** What began longer ago is no news: it goes into the next digest. */
export const newsHours = 24;
const endings = ['work-order.closed', 'work-order.cancelled'];

export const orderOf = (event: Pick<RecordedEvent, 'stream'>): string => event.stream.slice(workOrderStream('').length);

const notedFrom = (event: RecordedEvent): NotedOrder => {
  const raised = event.data as Raised;
  return {
    order: orderOf(event),
    compound: raised.compound,
    building: raised.building ?? null,
    trade: raised.trade ?? null,
    priority: raised.priority,
    title: raised.title,
    raisedAt: raised.raisedAt,
    late: raised.late,
    assignee: null,
    revision: event.revision,
    digestAt: null,
  };
};

/** What changes of an order on its way: whom it was given to, and which trade it is. */
const changedBy = (order: NotedOrder, { type, data, revision }: RecordedEvent): NotedOrder => {
  const { assignee, trade } = data as { assignee?: string; trade?: string };
  const given = type === 'work-order.dispatched' || type === 'work-order.transferred';
  return {
    ...order,
    revision,
    assignee: given ? (assignee ?? null) : type === 'work-order.returned' ? null : order.assignee,
    trade: type === 'work-order.transferred' ? (trade ?? order.trade) : order.trade,
  };
};

const timersOf = (rule: NoticeRule, order: NotedOrder, event: RecordedEvent, context: NoticeContext): NoticeTimer[] => {
  const { quietHours } = context.rules;
  const zone = context.zoneOf(order.compound);
  // What is told late is no alarm.
  const isLoud = rule.breaksQuietHours && !order.late;
  const audible = (ms: number): number => (isLoud ? ms : afterQuietHours(ms, quietHours, zone));
  const fromMs = audible(Date.parse(event.meta.receivedAt));
  return rule.steps.map(({ afterSeconds }, step) => ({
    ...{ order: order.order, rule: rule.id, trigger: event.id, step },
    dueAt: isoTime(audible(fromMs + afterSeconds * 1000)),
  }));
};

const begun = (noted: Noted, event: RecordedEvent, context: NoticeContext): Noted => {
  const { rules, digest } = context.rules;
  const { order } = noted;
  const receivedMs = Date.parse(event.meta.receivedAt);
  const begin = rules.filter(({ on, classes }) => on === event.type && classes.includes(order.priority));
  const isOld = context.nowMs - receivedMs > newsHours * 3_600_000;
  const isForDigest = event.type === 'work-order.raised' && digest.classes.includes(order.priority);
  const digestAt =
    isForDigest || (isOld && begin.length > 0)
      ? isoTime(nextTimeOfDay(isOld ? context.nowMs : receivedMs, digest.at, context.zoneOf(order.compound)))
      : order.digestAt;
  const timers = isOld ? [] : begin.flatMap((rule) => timersOf(rule, order, event, context));
  return { order: { ...order, digestAt }, timers: [...noted.timers, ...timers] };
};

/** One event more of an order; `undefined` where there is nothing (more) to tell of it. Takes an event again as nothing. */
export const noteOrderEvent = (
  noted: Noted | undefined,
  event: RecordedEvent,
  context: NoticeContext,
): Noted | undefined => {
  if (noted === undefined) {
    return event.type === 'work-order.raised'
      ? begun({ order: notedFrom(event), timers: [] }, event, context)
      : undefined;
  }
  if (event.revision <= noted.order.revision) return noted;
  if (endings.includes(event.type)) return undefined;
  const ended = new Set(
    context.rules.rules.flatMap(({ id, until }) => ((until as string[]).includes(event.type) ? [id] : [])),
  );
  const timers = noted.timers.filter(({ rule }) => !ended.has(rule));
  return begun({ order: changedBy(noted.order, event), timers }, event, context);
};

/** A notice that was issued answers its timers. */
export const noteNotice = (noted: Noted, notice: Notice): Noted => {
  const answered = new Set(notice.timers.map(({ trigger, step }) => `${notice.rule} ${trigger} ${step}`));
  return {
    ...noted,
    timers: noted.timers.filter(({ rule, trigger, step }) => !answered.has(`${rule} ${trigger} ${step}`)),
  };
};
