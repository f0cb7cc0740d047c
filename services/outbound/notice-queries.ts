import { z } from 'zod';
import { bilingual, instant } from '../runtime/schema.ts';
import type { Sql } from '../runtime/sql.ts';
import type { Notice } from './notice-events.ts';

/** One notice to one person by one channel, with what became of it. */
export const noticeItem = z.object({
  notice: z.string(),
  compound: z.string(),
  order: z.string().nullable(),
  /** On the ladder. */
  matter: z.string().nullable(),
  kind: z.string(),
  rule: z.string(),
  title: bilingual,
  /** `*`: the compound's topic, or that nobody had duty. */
  person: z.string(),
  channel: z.string(),
  issuedAt: instant,
  state: z.enum(['waiting', 'sent', 'failed']),
  attempts: z.int(),
  nextTryAt: instant.nullable(),
  outcome: z.string().nullable(),
});
export type NoticeItem = z.infer<typeof noticeItem>;

export interface NoticeFilter {
  limit: number;
  cursor?: string | undefined;
  compound?: string | undefined;
  order?: string | undefined;
  state?: NoticeItem['state'] | undefined;
}

interface Row extends Omit<NoticeItem, 'matter' | 'kind' | 'rule' | 'title' | 'issuedAt' | 'nextTryAt'> {
  data: Notice;
  issuedAt: Date;
  nextTryAt: Date | null;
}

const place = z.tuple([instant, z.string(), z.string(), z.string()]);

const cursorOf = ({ issuedAt, notice, person, channel }: Row): string =>
  Buffer.from(JSON.stringify([issuedAt.toISOString(), notice, person, channel])).toString('base64url');

/** What is no cursor of ours is none. */
const placeOf = (cursor: string | undefined): z.infer<typeof place> | undefined => {
  try {
    return place.safeParse(JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString())).data;
  } catch {
    return undefined;
  }
};

export const notices = async (
  sql: Sql,
  { limit, cursor, compound, order, state }: NoticeFilter,
): Promise<{ items: NoticeItem[]; next: string | null }> => {
  const [issuedAt, ...after] = placeOf(cursor) ?? [null, null, null, null];
  const { rows } = await sql.query<Row>(
    `SELECT notice, compound, work_order AS "order", data, person, channel, issued_at AS "issuedAt", state, attempts,
            next_try_at AS "nextTryAt", outcome
     FROM hub.notice_delivery
     WHERE ($1::text IS NULL OR compound = $1) AND ($2::text IS NULL OR work_order = $2)
       AND ($3::text IS NULL OR state = $3)
       AND ($4::timestamptz IS NULL OR (issued_at, notice, person, channel) < ($4::timestamptz, $5, $6, $7))
     ORDER BY issued_at DESC, notice DESC, person DESC, channel DESC LIMIT $8`,
    [compound ?? null, order ?? null, state ?? null, issuedAt, ...after, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ data, issuedAt: at, nextTryAt, ...row }) => ({
      ...row,
      ...{ matter: data.matter ?? null, kind: data.kind, rule: data.rule, title: data.title },
      issuedAt: at.toISOString(),
      nextTryAt: nextTryAt?.toISOString() ?? null,
    })),
    next: rows.length > limit ? cursorOf(shown.at(-1)!) : null,
  };
};
