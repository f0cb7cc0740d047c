import { Button, Progress, Spin } from 'antd';
import type { RatingReplay } from '../../../../services/projections/rating-replay/replay.ts';
import { useCancelReplay, useReplay, useReplays } from '../../api/city-queries.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { dayIn } from '../stars/rating-choice.ts';
import { useStandardName } from '../stars/use-standard-name.ts';
import { ReplayChanges } from './replay-changes.tsx';
import { isUnderWay, progressPercent } from './replay-list.ts';
import { StartReplay } from './start-replay.tsx';
import '../../styles/records.css';
import '../../styles/city.css';

const cityZone = 'Asia/Shanghai';
const dayMs = 24 * 3600 * 1000;

function State({ replay }: { replay: RatingReplay }) {
  const { t } = useWords();
  return <span className={replay.state === 'failed' ? 'is-bad' : 'tag'}>{t(`replay.state.${replay.state}`)}</span>;
}

function ReplayList({
  replays,
  opened,
  onOpen,
}: {
  replays: RatingReplay[];
  opened: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t } = useWords();
  const nameOf = useStandardName();
  return (
    <section className="card" aria-labelledby="replays-title">
      <h2 id="replays-title" className="section-title">
        {t('replay.list')}
      </h2>
      {replays.length === 0 && <p className="quiet">{t('replay.none')}</p>}
      <ol className="record-list">
        {replays.map((replay) => (
          <li key={replay.id} data-testid="replay-item" className={replay.id === opened ? 'is-selected' : undefined}>
            <span className="record-head">
              <button
                type="button"
                className="link"
                aria-current={replay.id === opened ? 'true' : undefined}
                onClick={() => onOpen(replay.id)}
              >
                {nameOf(replay.standard)} · {t('replay.span', { from: replay.from, to: replay.to })}
              </button>
              <State replay={replay} />
            </span>
            <span className="quiet small">
              {t('replay.askedBy', { name: replay.requestedBy.replace(/^user:/, ''), n: replay.progress.total })}{' '}
              <When at={replay.requestedAt} zone={cityZone} />
            </span>
            {isUnderWay(replay) && <span className="quiet">{progressPercent(replay)} %</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Summary({ replay }: { replay: RatingReplay }) {
  const { t } = useWords();
  const { summary, days } = replay;
  if (summary === null) return null;
  return (
    <dl className="replay-summary" data-testid="replay-summary">
      {(['down', 'up', 'same'] as const).map((direction) => (
        <div key={direction} className={`is-${direction}`}>
          <dt>{t(`replay.summary.${direction}`)}</dt>
          <dd>
            <strong className={direction === 'down' && summary.down > 0 ? 'is-bad' : undefined}>
              {summary[direction]}
            </strong>
            {days !== null && <span className="quiet small">{t('replay.compoundDays', { n: days[direction] })}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function OneReplay({ id, canAct }: { id: string; canAct: boolean }) {
  const { t } = useWords();
  const nameOf = useStandardName();
  const { data: replay, error, refetch } = useReplay(id);
  const cancel = useCancelReplay();
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (replay === undefined) return <Spin className="page-spin" delay={300} />;
  const { done, total } = replay.progress;
  return (
    <section className="card replay" aria-labelledby="replay-title" data-testid="replay" data-state={replay.state}>
      <div className="card-head">
        <h2 id="replay-title" className="section-title">
          {nameOf(replay.standard)} · {t('replay.span', { from: replay.from, to: replay.to })}
        </h2>
        <State replay={replay} />
      </div>
      {isUnderWay(replay) && (
        <div className="replay-progress">
          <Progress
            percent={progressPercent(replay)}
            aria-label={t('replay.progress', { done, total })}
            status="normal"
          />
          <span className="quiet">{t('replay.progress', { done, total })}</span>
          {canAct && (
            <Button loading={cancel.isPending} data-testid="replay-cancel" onClick={() => cancel.mutate(replay.id)}>
              {t('replay.cancel')}
            </Button>
          )}
        </div>
      )}
      {cancel.error !== null && <ProblemNote error={cancel.error} />}
      {replay.failure !== null && <p className="is-bad">{replay.failure}</p>}
      {replay.state === 'cancelled' && <p className="quiet">{t('replay.progress', { done, total })}</p>}
      <Summary replay={replay} />
      {replay.state === 'done' && <ReplayChanges replay={replay} />}
    </section>
  );
}

/** What another version of the standard would have meant: for which compounds, when, and why. */
export function ReRatingPage({ canAct }: { canAct: boolean }) {
  const { t } = useWords();
  const { id, adjust } = useRoute();
  const yesterday = dayIn(useNow(60_000) - dayMs, cityZone);
  const { data, error, isPending, refetch } = useReplays();
  const open = (next: string) => adjust({ id: next });
  return (
    <div className="re-rating">
      <div className="re-rating-side">
        {canAct ? (
          <StartReplay yesterday={yesterday} onStarted={open} />
        ) : (
          <p className="no-data">{t('records.viewerOnly')}</p>
        )}
        {isPending && <Spin className="page-spin" delay={300} />}
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data !== undefined && <ReplayList replays={data} opened={id} onOpen={open} />}
      </div>
      <div className="re-rating-main">
        {id === undefined ? (
          <p className="nothing-open quiet">{t('replay.choose')}</p>
        ) : (
          <OneReplay key={id} id={id} canAct={canAct} />
        )}
      </div>
    </div>
  );
}
