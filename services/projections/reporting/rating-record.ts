import { DateTime } from 'luxon';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Rating } from '../star-rating/rating.ts';
import { standardName } from '../star-rating/standards.ts';

/** Values move at every rating; what changes no verdict is written this often at most. */
const quietSeconds = 300;

const verdictsOf = ({ stars, criteria }: Rating): string =>
  JSON.stringify([stars, criteria.map(({ id, verdicts }) => [id, verdicts])]);

/** Writes one rating down, as the newest and as its day's; an older one than what is written changes nothing. */
export const writeRating = async (sql: Sql, rating: Rating, timeZone: string): Promise<void> => {
  const dayStart = DateTime.fromISO(rating.at, { zone: timeZone }).startOf('day');
  await sql.query(
    `INSERT INTO hub.rating_latest
       (compound, rated_at, rating, stars, target_stars, total, target_total, standard)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (compound) DO UPDATE SET rated_at = excluded.rated_at, rating = excluded.rating,
       stars = excluded.stars, target_stars = excluded.target_stars, total = excluded.total,
       target_total = excluded.target_total, standard = excluded.standard
     WHERE rating_latest.rated_at < excluded.rated_at`,
    [
      rating.compound,
      rating.at,
      JSON.stringify(rating),
      rating.stars,
      rating.targetStars,
      rating.total,
      rating.bands.find(({ stars }) => stars === rating.targetStars)?.total ?? null,
      standardName(rating.standard),
    ],
  );
  const categories = rating.categories.map(({ title: _, ...category }) => category);
  const criteria = rating.criteria.map(({ id, value, points, pointsMax, verdict }) => ({
    ...{ id, value, points, pointsMax, verdict },
  }));
  await sql.query(
    `INSERT INTO hub.rating_day
       (compound, day, day_start, rated_at, standard, stars, target_stars, total, categories, criteria)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (compound, day) DO UPDATE SET rated_at = excluded.rated_at, standard = excluded.standard,
       stars = excluded.stars, target_stars = excluded.target_stars, total = excluded.total,
       categories = excluded.categories, criteria = excluded.criteria
     WHERE rating_day.rated_at < excluded.rated_at`,
    [
      rating.compound,
      dayStart.toISODate(),
      isoTime(dayStart.toMillis()),
      rating.at,
      standardName(rating.standard),
      rating.stars,
      rating.targetStars,
      rating.total,
      JSON.stringify(categories),
      JSON.stringify(criteria),
    ],
  );
};

/** Stars by the newest rating, by compound; one that was never rated is missing. Of these compounds, or of all. */
export const ratedStars = async (
  sql: Sql,
  compounds: readonly string[] | null = null,
): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; stars: number }>(
    'SELECT compound, stars FROM hub.rating_latest WHERE $1::text[] IS NULL OR compound = ANY($1)',
    [compounds],
  );
  return new Map(rows.map(({ compound, stars }) => [compound, stars]));
};

/** When each compound was rated that ever was. */
export const ratedAt = async (sql: Sql): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; at: Date }>(
    'SELECT compound, rated_at AS at FROM hub.rating_latest',
  );
  return new Map(rows.map(({ compound, at }) => [compound, at.getTime()]));
};

/** For the rater: writes a rating when a verdict, the stars or the day is another, else every five minutes. */
export const createRatingRecord = (sql: Sql) => {
  const written = new Map<string, { verdicts: string; day: string; atMs: number }>();
  return async (rating: Rating, timeZone: string): Promise<void> => {
    const verdicts = verdictsOf(rating);
    const day = DateTime.fromISO(rating.at, { zone: timeZone }).toISODate()!;
    const atMs = Date.parse(rating.at);
    const last = written.get(rating.compound);
    const isQuiet = last?.verdicts === verdicts && last.day === day && atMs - last.atMs < quietSeconds * 1000;
    if (isQuiet) return;
    await writeRating(sql, rating, timeZone);
    written.set(rating.compound, { verdicts, day, atMs });
  };
};

export type RatingRecord = ReturnType<typeof createRatingRecord>;
