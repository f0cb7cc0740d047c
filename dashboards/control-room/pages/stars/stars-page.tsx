import { Spin } from 'antd';
import { lazy, Suspense, useState } from 'react';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useRating, useRatingHistory } from '../../api/queries.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { dayOf, endOfDay } from '../../locales/instant.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { CategoryBars } from './category-bars.tsx';
import { CompoundStars } from './compound-stars.tsx';
import { CriteriaTable } from './criteria-table.tsx';
import { MissingList } from './missing-list.tsx';
import { StarScore } from './star-score.tsx';
import '../../styles/stars.css';

/** The charts are the heaviest part of the page, and the words don't wait for them. */
const RatingHistory = lazy(async () => ({ default: (await import('./rating-history.tsx')).RatingHistory }));

function RatingView({ rating, compound }: { rating: Rating; compound: CompoundItem }) {
  const history = useRatingHistory(compound.id);
  return (
    <>
      <StarScore rating={rating} zone={compound.timeZone} />
      <MissingList rating={rating} />
      <CategoryBars rating={rating} />
      <Suspense fallback={<section className="card history-card" />}>
        <RatingHistory history={history.data} rating={rating} zone={compound.timeZone} failed={history.isError} />
      </Suspense>
      <CriteriaTable rating={rating} />
    </>
  );
}

function OneCompound({ compound }: { compound: CompoundItem }) {
  const { t } = useWords();
  const [day, setDay] = useState('');
  const today = dayOf(new Date(useNow(60_000)).toISOString(), compound.timeZone);
  const at = day === '' || day >= today ? undefined : endOfDay(day, compound.timeZone);
  const { data, error, isPending, refetch } = useRating(compound.id, at);
  return (
    <div className="stars">
      <div className="stars-top">
        <h2>{compound.name}</h2>
        <label className="day-choice">
          {t('stars.day')}
          <input
            type="date"
            value={day === '' ? today : day}
            max={today}
            data-testid="rating-day"
            onChange={(event) => setDay(event.target.value)}
          />
        </label>
        {at !== undefined && (
          <span className="no-data past-day">
            {t('stars.past', { day })}{' '}
            <button type="button" className="link" onClick={() => setDay('')}>
              {t('stars.backToNow')}
            </button>
          </span>
        )}
      </div>
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data === null && <p className="no-data nothing-open">{t('stars.notRated')}</p>}
      {data !== null && data !== undefined && <RatingView rating={data} compound={compound} />}
    </div>
  );
}

export function StarsPage() {
  const { selected } = useCompound();
  return selected === undefined ? <CompoundStars /> : <OneCompound compound={selected} />;
}
