import { Button, Segmented, Spin } from 'antd';
import { useState } from 'react';
import type { RatingReplay, ReplayChange } from '../../../../services/projections/rating-replay/replay.ts';
import { collectReplayChanges, type Direction, useReplayChanges } from '../../api/city-queries.ts';
import { saveFile } from '../../files/save-file.ts';
import { useWords } from '../../locales/i18n.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { changesCsv, directionOf } from './replay-list.ts';

const columns = ['compound', 'days', 'stars', 'criteria'] as const;

function ChangeRow({ change, standard }: { change: ReplayChange; standard: string }) {
  const { t } = useWords();
  const { go } = useRoute();
  const { select } = useCompound();
  const { compound, name, day, until, days, starsInForce, starsReplayed, criteria } = change;
  const direction = directionOf(change);
  const open = (criterion?: string) => {
    select(compound);
    go('stars', criterion, { day: until, standard });
  };
  return (
    <tr data-testid="replay-change" data-direction={direction}>
      <td>
        <button type="button" className="link" onClick={() => open()}>
          {name}
        </button>
      </td>
      <td>
        {day === until ? day : t('replay.span', { from: day, to: until })}{' '}
        <span className="quiet small">{t('replay.nDays', { n: days })}</span>
      </td>
      <td>
        <span className={direction === 'down' ? 'is-bad' : undefined}>
          <span aria-hidden="true">{direction === 'up' ? '▲' : '▼'}</span>{' '}
          {t('stars.change', { from: starsInForce, to: starsReplayed })}
        </span>
      </td>
      <td className="change-criteria">
        {criteria.map((id) => (
          <button key={id} type="button" className="link" onClick={() => open(id)}>
            {id}
          </button>
        ))}
      </td>
    </tr>
  );
}

function Export({ replay, direction }: { replay: RatingReplay; direction: Direction | undefined }) {
  const { t } = useWords();
  const [state, setState] = useState<{ pending: boolean; error: Error | null; cut: boolean }>({
    pending: false,
    error: null,
    cut: false,
  });
  const save = async () => {
    setState({ pending: true, error: null, cut: false });
    try {
      const { items, cut } = await collectReplayChanges(replay.id, direction);
      const names = ['id', 'name', 'day', 'until', 'days', 'starsInForce', 'starsReplayed', 'criteria'] as const;
      const head = names.map((name) => t(`replay.csv.${name}`));
      saveFile(`re-rating-${replay.id}.csv`, 'text/csv;charset=utf-8', changesCsv(items, head));
      setState({ pending: false, error: null, cut });
    } catch (error) {
      setState({ pending: false, error: error instanceof Error ? error : new Error(String(error)), cut: false });
    }
  };
  return (
    <>
      <Button loading={state.pending} data-testid="replay-export" onClick={() => void save()}>
        {t('replay.export')}
      </Button>
      {state.cut && <span className="no-data">{t('replay.exportCut')}</span>}
      {state.error !== null && <ProblemNote error={state.error} />}
    </>
  );
}

/** Who would have had more stars, who fewer, and by which criteria. */
export function ReplayChanges({ replay }: { replay: RatingReplay }) {
  const { t } = useWords();
  const [shown, setShown] = useState<Direction | 'all'>('all');
  const direction = shown === 'all' ? undefined : shown;
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useReplayChanges(
    replay.id,
    direction,
    replay.state === 'done',
  );
  const changes = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <p className="record-actions">
        <Segmented<Direction | 'all'>
          aria-label={t('replay.direction')}
          data-testid="replay-direction"
          value={shown}
          onChange={setShown}
          options={(['all', 'down', 'up'] as const).map((value) => ({ value, label: t(`replay.show.${value}`) }))}
        />
        <Export replay={replay} direction={direction} />
      </p>
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && changes.length === 0 && <p className="quiet">{t('replay.noChanges')}</p>}
      {changes.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className="change-frame" tabIndex={0} aria-label={t('replay.changes')}>
          <table className="table">
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {t(`replay.column.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <ChangeRow key={`${change.compound} ${change.day}`} change={change} standard={replay.standard} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('records.more')}
        </Button>
      )}
    </>
  );
}
