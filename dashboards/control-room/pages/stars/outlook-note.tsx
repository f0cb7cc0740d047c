import type { CompoundItem } from '../../../../services/api/schemas.ts';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useOutlook } from '../../api/city-queries.ts';
import { useWords } from '../../locales/i18n.ts';

/** Said before it happens: a star that will be lost if everything stays as it is. */
export function OutlookNote({
  compound,
  rating,
  onOpen,
}: {
  compound: CompoundItem;
  rating: Rating;
  onOpen: (criterion: string) => void;
}) {
  const { t, say } = useWords();
  const { data } = useOutlook(compound.id);
  if (data === undefined || data === null || !data.atRisk) return null;
  const known = new Set(rating.criteria.map(({ id }) => id));
  return (
    <section
      className={data.losesTarget ? 'card outlook is-target' : 'card outlook'}
      aria-labelledby="outlook-title"
      data-testid="outlook"
    >
      <h3 id="outlook-title">
        {t(data.losesTarget ? 'stars.targetAtRisk' : 'stars.atRisk', {
          from: data.stars,
          to: data.expectedStars,
          days: data.inDays ?? 0,
          on: data.on ?? '',
        })}
      </h3>
      <ul className="outlook-criteria">
        {data.criteria.map(({ id, title, text }) => (
          <li key={id}>
            {known.has(id) ? (
              <button type="button" className="link" aria-haspopup="dialog" onClick={() => onOpen(id)}>
                {id} {say(title)}
              </button>
            ) : (
              <strong>
                {id} {say(title)}
              </strong>
            )}{' '}
            {say(text)}
          </li>
        ))}
      </ul>
      <p className="quiet small">{say(data.method)}</p>
    </section>
  );
}
