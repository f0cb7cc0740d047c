import { Button, Segmented } from 'antd';
import { useState } from 'react';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import type { MissingItem } from '../../api/answers.ts';
import { useWords } from '../../locales/i18n.ts';
import { pointsText, pointsToBand } from './star-groups.ts';

/** The to-do list on the way to the next star. */
export function MissingList({
  rating,
  onOpen,
  onRaise,
}: {
  rating: Rating;
  onOpen: (criterion: string) => void;
  /** Left out where the person may not act, or the rating isn't today's. */
  onRaise?: (item: MissingItem) => void;
}) {
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
              {item.about === 'criterion' ? (
                <button
                  type="button"
                  className="link missing-id"
                  aria-haspopup="dialog"
                  onClick={() => onOpen(item.id)}
                >
                  {item.id}
                </button>
              ) : (
                <span className="missing-id">{t(`stars.about.${item.about}`)}</span>
              )}
              <span>
                {say(item.text)}
                {item.points !== null && item.points > 0 && (
                  <span className="quiet"> {t('stars.brings', { points: pointsText(item.points) })}</span>
                )}
                {item.gains !== undefined && item.gains.length > 0 && (
                  <span className="gains">
                    {t('stars.gains')}
                    {item.gains.map(({ criterion, points: gain }) => (
                      <button key={criterion} type="button" className="link" onClick={() => onOpen(criterion)}>
                        {criterion} +{pointsText(gain)}
                      </button>
                    ))}
                  </span>
                )}
              </span>
              {item.about === 'criterion' && onRaise !== undefined && (
                <Button size="small" data-testid="raise-order" onClick={() => onRaise(item)}>
                  {t('stars.raiseOrder')}
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
