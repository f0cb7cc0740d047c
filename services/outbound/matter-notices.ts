import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import { isoTime } from '../runtime/clock.ts';
import { type MatterEvent, matterEvents, matterOf } from '../work-orders/ladder/matter-events.ts';
import type { Notice } from './notice-events.ts';
import type { NoticeContext } from './notice-plan.ts';
import { newsHours } from './notice-plan.ts';
import type { MatterRule } from './notice-rules.ts';
import { afterQuietHours } from './quiet-hours.ts';

/** That somebody is to be told of a step of a matter, and when. */
export interface MatterTimer {
  /** Id of the step's event. */
  trigger: string;
  rule: string;
  matter: string;
  compound: string;
  /** That the step is about. */
  whistle: string | null;
  dueAt: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS hub.matter_notice (
    trigger text NOT NULL, rule text NOT NULL, matter text NOT NULL, compound text NOT NULL, whistle text,
    due_at timestamptz NOT NULL, PRIMARY KEY (trigger, rule));
  CREATE INDEX IF NOT EXISTS matter_notice_due ON hub.matter_notice (due_at)`;

/** A clock is called after its whistle (`w1:report-in`), or after a step of the matter itself. */
const whistleIn = ({ type, data }: MatterEvent): string | null => {
  if (type === 'matter.card-shown') return /^(.+):/.exec(data.clock)?.[1] ?? null;
  return 'whistle' in data ? data.whistle : null;
};

const fits = ({ on, emergency }: MatterRule, { type, data }: MatterEvent): boolean =>
  on === type && (emergency === undefined || ('emergency' in data && data.emergency === emergency));

const timersOf = (event: RecordedEvent & MatterEvent, { rules, zoneOf, nowMs }: NoticeContext): MatterTimer[] => {
  const receivedMs = Date.parse(event.meta.receivedAt);
  if (nowMs - receivedMs > newsHours * 3_600_000) return [];
  const compound = event.meta.compound ?? '';
  return rules.matters.flatMap((rule) => {
    if (!fits(rule, event)) return [];
    const atMs = rule.breaksQuietHours ? receivedMs : afterQuietHours(receivedMs, rules.quietHours, zoneOf(compound));
    const matter = matterOf(event);
    return [{ trigger: event.id, rule: rule.id, matter, compound, whistle: whistleIn(event), dueAt: isoTime(atMs) }];
  });
};

/** Holds by when somebody is to be told of which step of a matter. Never rebuilt on request, as the notices of orders. */
export const createMatterNotices = (context: () => NoticeContext): Projection => ({
  name: 'matter-notices',
  version: 1,
  rebuildable: false,
  schema,
  tables: ['hub.matter_notice'],
  handles: [...Object.keys(matterEvents), 'notice.issued'],
  async apply(sql, events) {
    const now = context();
    const steps = events.filter(({ type }) => type !== 'notice.issued') as (RecordedEvent & MatterEvent)[];
    await sql.query(
      `INSERT INTO hub.matter_notice
         SELECT trigger, rule, matter, compound, whistle, "dueAt" FROM jsonb_to_recordset($1::jsonb)
           AS timer (trigger text, rule text, matter text, compound text, whistle text, "dueAt" timestamptz)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(steps.flatMap((step) => timersOf(step, now)))],
    );
    const told = events.filter(({ type, data }) => type === 'notice.issued' && (data as Notice).matter !== undefined);
    for (const { data, meta } of told) {
      await sql.query('DELETE FROM hub.matter_notice WHERE trigger = $1 AND rule = $2', [
        meta.causationId,
        (data as Notice).rule,
      ]);
    }
  },
});
