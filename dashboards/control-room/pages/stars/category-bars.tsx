import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { pointsText } from './star-groups.ts';

/** Seven bars of the same length, each filled by its share of points, with the floor it must not fall beneath. */
export function CategoryBars({ rating }: { rating: Rating }) {
  const { t, say } = useWords();
  return (
    <section className="card" aria-labelledby="categories-title">
      <h3 id="categories-title">{t('stars.categories')}</h3>
      <ul className="category-bars">
        {rating.categories.map(({ id, title, points, pointsMax, floorPoints, floorMet }) => {
          const share = (part: number) => (pointsMax === 0 ? 0 : Math.min(100, (part / pointsMax) * 100));
          return (
            <li key={id} data-testid="category-row" data-category={id} className={floorMet ? undefined : 'is-below'}>
              <span className="category-name">{say(title)}</span>
              <span className="category-track" aria-hidden="true">
                <span className="category-fill" style={{ inlineSize: `${share(points)}%` }} />
                {pointsMax > 0 && (
                  <span className="category-floor" style={{ insetInlineStart: `${share(floorPoints)}%` }} />
                )}
              </span>
              <span className="category-points">
                {pointsMax === 0 ? (
                  <span className="no-data">{t('verdict.not-applicable')}</span>
                ) : (
                  <>
                    <strong>{pointsText(points)}</strong> / {pointsText(pointsMax)}
                    <span className={floorMet ? 'quiet small' : 'is-bad small'}>
                      {t(floorMet ? 'stars.floor' : 'stars.floorMissed', { points: pointsText(floorPoints) })}
                    </span>
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
