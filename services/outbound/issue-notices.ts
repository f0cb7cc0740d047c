import { eventOf } from '../event-log/decider.ts';
import type { NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import type { OnDuty } from '../work-orders/on-duty.ts';
import type { DutyRole } from '../work-orders/roster.ts';
import { type Notice, noticeStream } from './notice-events.ts';
import type { NotedOrder, NoticeTimer } from './notice-plan.ts';
import type { Addressee, NoticeRules, NoticeStep } from './notice-rules.ts';
import { persistently } from './wait-until.ts';

const lookEveryMs = 500;
/** After a night or an outage many are due at once, and whoever asks the hub meanwhile is to be answered in between. */
const dueMax = 200;
const digestOrdersMax = 200;

export interface DutyOf {
  compound: string;
  role: DutyRole;
  building?: string | undefined;
  trade?: string | undefined;
}

export interface IssueParts {
  sql: Sql;
  log: Pick<EventLog, 'append'>;
  rules: NoticeRules;
  /** Who of a role has duty, in the order in which they are called. */
  onDuty(of: DutyOf, atMs: number): OnDuty[];
  clock: Clock;
  logger: Logger;
}

type Tells = Notice['tells'];

/** Whom a step means, at that instant, nobody twice. */
export const toldBy = (
  addressees: readonly Addressee[],
  { compound, building, trade, assignee }: Pick<NotedOrder, 'compound' | 'building' | 'trade' | 'assignee'>,
  { onDuty, nowMs }: { onDuty: IssueParts['onDuty']; nowMs: number },
): Tells => {
  const meant = addressees.flatMap((addressee): Tells => {
    if (addressee === 'assignee') return assignee === null ? [] : [{ person: assignee, role: 'assignee' }];
    const { role, which } = addressee;
    const all = onDuty({ compound, role, building: building ?? undefined, trade: trade ?? undefined }, nowMs);
    const people = which === 'all' ? all : which === 'first' ? all.slice(0, 1) : all.slice(1, 2);
    return people.map(({ person }) => ({ person, role }));
  });
  return meant.filter(({ person }, index) => meant.findIndex((other) => other.person === person) === index);
};

interface Due {
  order: NotedOrder;
  timers: NoticeTimer[];
}

const timerKey = ({ order, rule, trigger, step }: Omit<NoticeTimer, 'dueAt'>): string =>
  `${order} ${rule} ${trigger} ${step}`;

/** Timers that are due, those of one order and rule together: a hub that was away says once what it would have said. */
const readDue = async (
  sql: Sql,
  now: string,
  { isSaid, maxCount }: { isSaid: (timer: string) => boolean; maxCount: number },
): Promise<{ due: Due[]; heldBack: string[] }> => {
  const { rows } = await sql.query<{ item: NotedOrder } & Omit<NoticeTimer, 'dueAt'> & { dueAt: Date }>(
    `SELECT item, work_order AS "order", rule, trigger, step, due_at AS "dueAt"
     FROM hub.notice_timer JOIN hub.notice_order USING (work_order)
     WHERE due_at <= $1 ORDER BY due_at, step LIMIT $2`,
    [now, maxCount],
  );
  const together = new Map<string, Due>();
  const heldBack: string[] = [];
  for (const { item, dueAt, ...timer } of rows) {
    if (isSaid(timerKey(timer))) {
      heldBack.push(timerKey(timer));
      continue;
    }
    const key = `${timer.order} ${timer.rule}`;
    const due = together.get(key) ?? { order: item, timers: [] };
    due.timers.push({ ...timer, dueAt: dueAt.toISOString() });
    together.set(key, due);
  }
  return { due: [...together.values()], heldBack };
};

const noticeOf = ({ order, timers }: Due, parts: IssueParts, nowMs: number): NewEvent => {
  const newest = timers.at(-1)!;
  const rule = parts.rules.rules.find(({ id }) => id === newest.rule);
  const steps = timers.flatMap(({ step }): NoticeStep[] => rule?.steps.slice(step, step + 1) ?? []);
  const last = steps.at(-1);
  const notice: Notice = {
    compound: order.compound,
    order: order.order,
    rule: newest.rule,
    occasion: rule?.on ?? 'rule-gone',
    kind: last?.kind ?? 'first',
    priority: order.priority,
    title: order.title,
    ...(order.building === null ? {} : { building: order.building }),
    raisedAt: order.raisedAt,
    dueAt: newest.dueAt,
    channels: [...new Set(steps.flatMap(({ channels }) => channels))],
    tells: toldBy(
      steps.flatMap(({ tell }) => tell),
      order,
      { onDuty: parts.onDuty, nowMs },
    ),
    timers: timers.map(({ trigger, step }) => ({ trigger, step })),
  };
  const source = JSON.stringify([newest.rule, newest.trigger, newest.step]);
  const id = eventId({ occurredAtMs: Date.parse(newest.dueAt), device: noticeStream(order.order), source });
  const meta = {
    occurredAt: isoTime(nowMs),
    compound: order.compound,
    actor: 'policy:notices',
    causationId: newest.trigger,
  };
  return eventOf(id, { type: 'notice.issued', data: notice }, meta);
};

const digestsDue = async (
  sql: Sql,
  now: string,
): Promise<{ compound: string; dueAt: string; orders: NotedOrder[] }[]> => {
  const { rows } = await sql.query<{ compound: string; dueAt: Date; orders: NotedOrder[] }>(
    `SELECT compound, max(digest_at) AS "dueAt", jsonb_agg(item ORDER BY digest_at, work_order) AS orders
     FROM hub.notice_order WHERE digest_at <= $1 GROUP BY compound`,
    [now],
  );
  return rows.map(({ dueAt, ...rest }) => ({ ...rest, dueAt: dueAt.toISOString() }));
};

const digestOf = (
  { compound, dueAt, orders }: Awaited<ReturnType<typeof digestsDue>>[number],
  { rules, onDuty }: IssueParts,
  nowMs: number,
): NewEvent => {
  const anywhere = { compound, building: null, trade: null, assignee: null };
  const notice: Notice = {
    compound,
    orders: orders.slice(-digestOrdersMax).map(({ order, priority, title }) => ({ order, priority, title })),
    rule: 'digest',
    occasion: 'digest',
    kind: 'digest',
    title: { zh: `${orders.length} 个工单待处理`, en: `${orders.length} work orders not done yet` },
    dueAt,
    channels: rules.digest.channels,
    tells: toldBy(rules.digest.tell, anywhere, { onDuty, nowMs }),
    timers: [],
  };
  const id = eventId({ occurredAtMs: Date.parse(dueAt), device: noticeStream(`digest-${compound}`), source: 'digest' });
  const meta = { occurredAt: isoTime(nowMs), compound, actor: 'policy:notices' };
  return eventOf(id, { type: 'notice.issued', data: notice }, meta);
};

/**
 * Looks once for what is due and says in the log what is told to whom. What was said stays out of the next notice of its
 * rule, though the planner may hear of it late; after a crash in between an event has the same id and is stored once.
 */
export const createNoticeIssuer = (parts: IssueParts) => {
  const { sql, log, clock } = parts;
  let said = new Set<string>();
  return async (): Promise<number> => {
    const nowMs = clock.now();
    const now = isoTime(nowMs);
    const { due, heldBack } = await readDue(sql, now, {
      isSaid: (timer) => said.has(timer),
      maxCount: dueMax + said.size,
    });
    const notices = due.map((of) => ({ stream: noticeStream(of.order.order), event: noticeOf(of, parts, nowMs) }));
    const digests = (await digestsDue(sql, now)).map((digest) => ({
      stream: noticeStream(`digest-${digest.compound}`),
      event: digestOf(digest, parts, nowMs),
    }));
    const fresh = [...notices, ...digests.filter(({ event }) => !said.has(event.id))];
    if (fresh.length > 0) {
      await log.append(fresh.map(({ stream, event }) => ({ stream, expectedRevision: 'any', events: [event] })));
    }
    // Those that are due no more were heard.
    const saidNow = due.flatMap(({ timers }) => timers.map(timerKey));
    said = new Set([...heldBack, ...saidNow, ...digests.map(({ event }) => event.id)]);
    return fresh.length;
  };
};

/** Issues notices until the signal aborts. */
export const issueNotices = (parts: IssueParts, signal: AbortSignal): Promise<void> =>
  keepIssuing(createNoticeIssuer(parts), parts, signal);

export const keepIssuing = (
  look: () => Promise<number>,
  parts: Pick<IssueParts, 'logger'>,
  signal: AbortSignal,
): Promise<void> => {
  const failed = (error: unknown): void => parts.logger.error({ err: error }, 'notices are not issued, trying again');
  return persistently(async () => void (await look()), { everyMs: lookEveryMs, signal, failed });
};
