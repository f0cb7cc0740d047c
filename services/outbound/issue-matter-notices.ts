import { eventOf } from '../event-log/decider.ts';
import type { NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { ladder, readMatter } from '../work-orders/ladder/carry-out-matter.ts';
import { departmentTitle } from '../work-orders/ladder/ladder.ts';
import { matterStream } from '../work-orders/ladder/matter-events.ts';
import type { MatterState } from '../work-orders/ladder/matter-state.ts';
import { type IssueParts, keepIssuing, toldBy } from './issue-notices.ts';
import type { MatterTimer } from './matter-notices.ts';
import { type Notice, noticeStream } from './notice-events.ts';

type Parts = IssueParts & { log: Pick<EventLog, 'append' | 'readStream'> };

const dueMax = 100;

const readDue = async (sql: Sql, now: string): Promise<MatterTimer[]> => {
  const { rows } = await sql.query<Omit<MatterTimer, 'dueAt'> & { dueAt: Date }>(
    `SELECT trigger, rule, matter, compound, whistle, due_at AS "dueAt" FROM hub.matter_notice
     WHERE due_at <= $1 ORDER BY due_at LIMIT $2`,
    [now, dueMax],
  );
  return rows.map(({ dueAt, ...timer }) => ({ ...timer, dueAt: dueAt.toISOString() }));
};

/** Under which name the street's people are reached, as contacts know them. */
const communityOf = ({ referred }: MatterState): string => referred?.street ?? '社区';

const noticeOf = async (timer: MatterTimer, parts: Parts, nowMs: number): Promise<NewEvent> => {
  const { trigger, matter: id, compound, dueAt } = timer;
  const matter = await readMatter(parts.log, id);
  const rule = parts.rules.matters.find((one) => one.id === timer.rule);
  const department = matter.whistles.find((whistle) => whistle.id === timer.whistle)?.department;
  const title = matter.referred!.title;
  const about = rule?.about ?? { zh: '', en: '' };
  const { priority } = matter.referred!;
  const people: Notice['tells'] = (rule?.tell ?? []).flatMap((addressee): Notice['tells'] => {
    if (addressee === 'community') return [{ person: communityOf(matter), role: 'community' }];
    if (addressee !== 'department') {
      const anywhere = { compound, building: null, trade: null, assignee: null };
      return toldBy([addressee], anywhere, { onDuty: parts.onDuty, nowMs });
    }
    return department === undefined ? [] : [{ person: departmentTitle(ladder, department).zh, role: 'department' }];
  });
  const notice: Notice = {
    compound,
    matter: id,
    ...{ rule: timer.rule, occasion: rule?.on ?? 'rule-gone', kind: 'matter' },
    ...(priority === undefined ? {} : { priority }),
    title: { zh: `${about.zh}：${title.zh}`, en: `${about.en}: ${title.en}` },
    dueAt,
    channels: rule?.channels ?? [],
    tells: people,
    timers: [],
  };
  const source = JSON.stringify([timer.rule, trigger]);
  const stream = noticeStream(matterStream(id));
  const meta = { occurredAt: isoTime(nowMs), compound, actor: 'policy:notices', causationId: trigger };
  const eventIdOf = eventId({ occurredAtMs: Date.parse(dueAt), device: stream, source });
  return eventOf(eventIdOf, { type: 'notice.issued', data: notice }, meta);
};

/** As the notices of orders: an event's id comes from its step and rule, so that it is stored once however often it is said. */
export const createMatterIssuer = (parts: Parts) => {
  let said = new Set<string>();
  return async (): Promise<number> => {
    const nowMs = parts.clock.now();
    const due = await readDue(parts.sql, isoTime(nowMs));
    const keyOf = ({ trigger, rule }: MatterTimer): string => `${trigger} ${rule}`;
    const fresh = due.filter((timer) => !said.has(keyOf(timer)));
    for (const timer of fresh) {
      const event = await noticeOf(timer, parts, nowMs);
      const stream = noticeStream(matterStream(timer.matter));
      await parts.log.append([{ stream, expectedRevision: 'any', events: [event] }]);
    }
    said = new Set(due.map(keyOf));
    return fresh.length;
  };
};

/** Issues notices of matters until the signal aborts. */
export const issueMatterNotices = (parts: Parts, signal: AbortSignal): Promise<void> =>
  keepIssuing(createMatterIssuer(parts), parts, signal);
