import { Spin } from 'antd';
import { lazy, Suspense, useState } from 'react';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import type { MissingItem } from '../../api/answers.ts';
import { useRating, useRatingHistory } from '../../api/star-queries.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { CategoryBars } from './category-bars.tsx';
import { CompoundStars } from './compound-stars.tsx';
import { CriteriaTable } from './criteria-table.tsx';
import { EvidenceDrawer } from './evidence-drawer.tsx';
import { KnownNote } from './known-note.tsx';
import { MissingList } from './missing-list.tsx';
import { OutlookNote } from './outlook-note.tsx';
import { RaiseOrder } from './raise-order.tsx';
import { dayIn, parseRatingChoice, type RatingChoice, ratingViewOf } from './rating-choice.ts';
import { RatingControls } from './rating-controls.tsx';
import { StarScore } from './star-score.tsx';
import '../../styles/stars.css';
import '../../styles/evidence.css';

/** The charts are the heaviest part of the page, and the words don't wait for them. */
const RatingHistory = lazy(async () => ({ default: (await import('./rating-history.tsx')).RatingHistory }));

interface ViewProps {
  rating: Rating;
  compound: CompoundItem;
  choice: RatingChoice;
  canAct: boolean;
}

function RatingView({ rating, compound, choice, canAct }: ViewProps) {
  const { id: opened, adjust } = useRoute();
  const history = useRatingHistory(compound.id);
  const [raising, setRaising] = useState<MissingItem | null>(null);
  const zone = compound.timeZone;
  const open = (criterion: string) => adjust({ id: criterion });
  const isNow = choice.day === '';
  return (
    <>
      {choice.known !== '' && <KnownNote rating={rating} choice={choice} zone={zone} />}
      {isNow && choice.standard === '' && <OutlookNote compound={compound} rating={rating} onOpen={open} />}
      <StarScore rating={rating} zone={zone} />
      <MissingList rating={rating} onOpen={open} {...(canAct && isNow ? { onRaise: setRaising } : {})} />
      <CategoryBars rating={rating} />
      <Suspense fallback={<section className="card history-card" />}>
        <RatingHistory
          history={history.data}
          rating={rating}
          zone={zone}
          failed={history.isError}
          onOpen={(day, criterion) => adjust({ id: criterion ?? null, query: { day, known: '' } })}
        />
      </Suspense>
      <CriteriaTable rating={rating} opened={opened} onOpen={open} />
      <EvidenceDrawer
        rating={rating}
        view={ratingViewOf(choice, zone)}
        criterionId={opened}
        zone={zone}
        onClose={() => adjust({ id: null })}
      />
      {raising !== null && (
        <RaiseOrder key={raising.id} item={raising} compound={compound} onClose={() => setRaising(null)} />
      )}
    </>
  );
}

function OneCompound({ compound, canAct }: { compound: CompoundItem; canAct: boolean }) {
  const { t } = useWords();
  const { query, adjust } = useRoute();
  const zone = compound.timeZone;
  const today = dayIn(useNow(60_000), zone);
  const choice = parseRatingChoice(query, today);
  const { data, error, isPending, refetch } = useRating(compound.id, ratingViewOf(choice, zone));
  return (
    <div className="stars-frame">
      <div className="stars">
        <div className="stars-top">
          <h2>{compound.name}</h2>
          <RatingControls choice={choice} today={today} onChange={(change) => adjust({ query: { ...change } })} />
        </div>
        {isPending && <Spin className="page-spin" delay={300} />}
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data === null && <p className="no-data nothing-open">{t('stars.notRated')}</p>}
        {data !== null && data !== undefined && (
          <RatingView rating={data} compound={compound} choice={choice} canAct={canAct} />
        )}
      </div>
    </div>
  );
}

export function StarsPage({ canAct }: { canAct: boolean }) {
  const { selected } = useCompound();
  return selected === undefined ? <CompoundStars /> : <OneCompound compound={selected} canAct={canAct} />;
}
