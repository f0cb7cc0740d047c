import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime, dayOf } from '../../locales/instant.ts';
import { countVerdicts, pointsText } from './star-groups.ts';
import { StarRow } from './star-row.tsx';

/** The stars, the total on its scale with the bands, and what the rating speaks of. */
export function StarScore({ rating, zone }: { rating: Rating; zone: string }) {
  const { t, say } = useWords();
  const { stars, total, targetStars, bands, standard, window: span } = rating;
  const verdicts = countVerdicts(rating.criteria);
  const isBelow = stars < targetStars;
  return (
    <section className="card score-card" aria-labelledby="score-title">
      <h3 id="score-title" className="visually-hidden">
        {t('stars.score')}
      </h3>
      <div data-testid="stars-value" data-stars={stars} className="score-stars">
        <StarRow stars={stars} size={52} />
        <span className={isBelow ? 'score-target is-below' : 'score-target'}>
          {t(isBelow ? 'stars.belowTarget' : 'stars.targetMet', { n: targetStars })}
        </span>
      </div>
      <p className="score-total">
        <span data-testid="stars-total" className="score-number">
          {pointsText(total)}
        </span>
        <span className="quiet">{t('stars.ofHundred')}</span>
      </p>
      <div className="band-scale" aria-hidden="true">
        <span className="band-fill" style={{ inlineSize: `${Math.min(100, total)}%` }} />
        {bands.map((band) => (
          <span key={band.stars} className="band-mark" style={{ insetInlineStart: `${band.total}%` }}>
            <span>{t('stars.nStars', { n: band.stars })}</span>
          </span>
        ))}
      </div>
      <ul className="verdict-counts">
        {(['met', 'not-met', 'no-evidence'] as const).map((verdict) => (
          <li key={verdict}>
            <span className={`verdict verdict-${verdict}`}>{t(`verdict.${verdict}`)}</span> {verdicts[verdict]}
          </li>
        ))}
      </ul>
      <p className="quiet small">
        {say(standard.title)} · {standard.version} · {t(`profile.${rating.profile}`)}
        <br />
        {t('stars.window', { from: dayOf(span.from, zone), to: dayOf(span.to, zone), days: span.days })}
        <br />
        {t('stars.computed', { at: absoluteTime(rating.at, zone), position: rating.position ?? t('stars.noPosition') })}
      </p>
    </section>
  );
}
