import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useRating } from '../../api/star-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { differingCriteria } from './differing-criteria.ts';
import type { RatingChoice } from './rating-choice.ts';
import { ratingViewOf } from './rating-choice.ts';
import { pointsText } from './star-groups.ts';

/** Both truths of a past day: what was known then, and what has come to be known since. */
export function KnownNote({ rating, choice, zone }: { rating: Rating; choice: RatingChoice; zone: string }) {
  const { t, say } = useWords();
  const { data: today } = useRating(rating.compound, ratingViewOf({ ...choice, known: '' }, zone));
  if (today === undefined || today === null) return null;
  const differing = differingCriteria(rating, today);
  const words = ({ stars, total }: Rating) => ({ stars, points: pointsText(total) });
  return (
    <section className="card known-note" data-testid="known-note" aria-label={t('stars.twoTruths')}>
      <p>
        <strong>{t('stars.knownThen', { day: choice.known, ...words(rating) })}</strong>
        {' · '}
        {t('stars.knownNow', words(today))}
      </p>
      {differing.length === 0 ? (
        <p className="quiet">{t('stars.knownSame')}</p>
      ) : (
        <p className="quiet">
          {t('stars.knownDiffers', {
            list: differing.map(({ id, title }) => `${id} ${say(title)}`).join(t('list.separator')),
          })}
        </p>
      )}
    </section>
  );
}
