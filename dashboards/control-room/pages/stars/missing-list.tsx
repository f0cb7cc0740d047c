import { Segmented } from 'antd';
import { useState } from 'react';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { pointsText, pointsToBand } from './star-groups.ts';

/** The to-do list on the way to the next star. */
export function MissingList({ rating }: { rating: Rating }) {
  const { t, say } = useWords();
  const ahead = rating.missingFor.filter(({ stars }) => stars > rating.stars).sort((a, b) => a.stars - b.stars);
  const [wanted, setWanted] = useState<number | null>(null);
  const shown = ahead.find(({ stars }) => stars === wanted) ?? ahead[0];
  const points = shown === undefined ? null : pointsToBand(rating, shown.stars);
  return (
    <section className="card missing-card" aria-labelledby="missing-title">
      <div className="card-head">
        <h3 id="missing-title">
          {shown === undefined ? t('stars.nothingMissing') : t('stars.missingFor', { n: shown.stars })}
        </h3>
        {ahead.length > 1 && shown !== undefined && (
          <Segmented<number>
            aria-label={t('stars.missingChoice')}
            value={shown.stars}
            onChange={setWanted}
            options={ahead.map(({ stars }) => ({ value: stars, label: t('stars.nStars', { n: stars }) }))}
          />
        )}
      </div>
      {points !== null && points > 0 && (
        <p className="quiet">{t('stars.pointsMissing', { points: pointsText(points) })}</p>
      )}
      {shown !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ol className="missing" tabIndex={0} aria-labelledby="missing-title">
          {shown.items.map((item) => (
            <li
              key={`${item.about} ${item.id}`}
              data-testid="missing-item"
              data-about={item.about}
              data-criterion={item.id}
            >
              <span className="missing-id">
                {item.about === 'criterion' ? item.id : t(`stars.about.${item.about}`)}
              </span>
              <span>{say(item.text)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
