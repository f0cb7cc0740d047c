import type { Sql } from '../../runtime/sql.ts';
import { departmentTitle, type Ladder } from '../../work-orders/ladder/ladder.ts';
import type { LadderFigures, Share } from './shapes.ts';

export interface FigureQuestion {
  by: 'street' | 'compound' | 'department';
  from: string;
  to: string;
  /** What isn't due yet is not judged. */
  now: string;
}

/** One street's, compound's or department's counts. */
interface Counts {
  key: string | null;
  whistles: number;
  answered_in_time: number;
  answer_due: number;
  finished_in_time: number;
  finish_due: number;
  satisfied: number;
  rated: number;
}

const percentOf = (met: number, of: number): Share => ({
  met,
  of,
  percent: of === 0 ? null : Math.round((1000 * met) / of) / 10,
});

const countWhistles = async (sql: Sql, { by, from, to, now }: FigureQuestion, ladder: Ladder): Promise<Counts[]> => {
  const answeredAt = 'coalesce(reported_in_at, returned_at)';
  const { rows } = await sql.query<Counts>(
    `SELECT ${by} AS key, count(*)::integer AS whistles,
            (count(*) FILTER (WHERE ${answeredAt} <= report_in_due_at))::integer AS answered_in_time,
            (count(*) FILTER (WHERE ${answeredAt} IS NOT NULL OR report_in_due_at < $3))::integer AS answer_due,
            (count(*) FILTER (WHERE finished_at <= close_due_at))::integer AS finished_in_time,
            (count(*) FILTER (WHERE returned_at IS NULL AND (finished_at IS NOT NULL OR close_due_at < $3)))::integer
              AS finish_due,
            (count(*) FILTER (WHERE score >= $4))::integer AS satisfied,
            (count(*) FILTER (WHERE score IS NOT NULL))::integer AS rated
     FROM hub.matter_whistle WHERE blown_at >= $1 AND blown_at < $2 GROUP BY 1`,
    [from, to, now, ladder.satisfied.score],
  );
  return rows;
};

const countMatters = async (sql: Sql, by: 'street' | 'compound', { from, to }: FigureQuestion) => {
  const { rows } = await sql.query<{ key: string | null; matters: number; whistled: number }>(
    `SELECT ${by} AS key, count(*)::integer AS matters,
            (count(*) FILTER (WHERE EXISTS (SELECT 1 FROM hub.matter_whistle w WHERE w.matter = m.id)))::integer
              AS whistled
     FROM hub.matter m WHERE referred_at >= $1 AND referred_at < $2 GROUP BY 1`,
    [from, to],
  );
  return rows;
};

const none: Omit<Counts, 'key'> = {
  ...{ whistles: 0, answered_in_time: 0, answer_due: 0 },
  ...{ finished_in_time: 0, finish_due: 0, satisfied: 0, rated: 0 },
};

export const signalOf = (
  { percent, of }: Share,
  { low, high, matters }: Ladder['whistleRate'],
): LadderFigures['signal'] => {
  if (percent === null || of < matters) return null;
  if (percent < low) return 'too-low';
  return percent > high ? 'too-high' : null;
};

/** Response, resolution, satisfaction and whistle rate of the whistles blown, and the matters referred, in a period. */
export const ladderFiguresOf = async (
  sql: Sql,
  question: FigureQuestion,
  { ladder, nameOf }: { ladder: Ladder; nameOf: (compound: string) => string },
): Promise<LadderFigures[]> => {
  const { by } = question;
  const whistles = await countWhistles(sql, question, ladder);
  const all = whistles.reduce((sum, counts) => sum + counts.whistles, 0);
  const matters = by === 'department' ? [] : await countMatters(sql, by, question);
  const nameFor = (key: string | null): LadderFigures['name'] => {
    if (key === null) return { zh: '未登记街道', en: 'no street registered' };
    if (by === 'department') return departmentTitle(ladder, key);
    const name = by === 'compound' ? nameOf(key) : key;
    return { zh: name, en: name };
  };
  const keys = [...new Set([...whistles, ...matters].map(({ key }) => key))];
  return keys
    .map((key): LadderFigures => {
      const counts = whistles.find((found) => found.key === key) ?? none;
      const referred = matters.find((found) => found.key === key);
      const whistleRate =
        by === 'department'
          ? percentOf(counts.whistles, all)
          : percentOf(referred?.whistled ?? 0, referred?.matters ?? 0);
      return {
        ...{ key, name: nameFor(key), matters: referred?.matters ?? 0, whistles: counts.whistles },
        response: percentOf(counts.answered_in_time, counts.answer_due),
        resolution: percentOf(counts.finished_in_time, counts.finish_due),
        satisfaction: percentOf(counts.satisfied, counts.rated),
        whistleRate,
        signal: by === 'department' ? null : signalOf(whistleRate, ladder.whistleRate),
      };
    })
    .sort((a, b) => (a.key ?? '~').localeCompare(b.key ?? '~'));
};
