import { Button, Segmented, Select, Spin } from 'antd';
import { useMemo, useState } from 'react';
import type { MatterItem } from '../../../../services/projections/matters/shapes.ts';
import type { Me } from '../../api/answers.ts';
import { type MatterStates, useMatters } from '../../api/matter-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { neighbour } from '../../orders/order-list.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useKeyCommands } from '../../shell/use-key-commands.ts';
import { MatterDetail } from './matter-detail.tsx';
import { MatterList } from './matter-list.tsx';
import { ReferDialog } from './refer-dialog.tsx';
import '../../styles/matters.css';

const states: MatterStates[] = ['open', 'ended', 'all'];
const levels: MatterItem['level'][] = ['L3', 'L2', 'L1'];

/** Matters that left the property company (吹哨报到): the highest level on top, each with its clocks and cards. */
export function MattersPage({ role }: { role: Me['role'] }) {
  const { t } = useWords();
  const { selected } = useCompound();
  const { id, query, adjust } = useRoute();
  const [referring, setReferring] = useState(false);
  const state = states.find((one) => one === query.state) ?? 'open';
  const level = levels.find((one) => one === query.level) ?? '';
  const { data, error, isPending, refetch } = useMatters(selected?.id, state);
  const shown = useMemo(
    () => (data?.items ?? []).filter((matter) => level === '' || matter.level === level),
    [data, level],
  );
  const ids = shown.map((matter) => matter.id);
  const step = (by: 1 | -1) => {
    const next = neighbour(ids, id, by);
    if (next !== undefined) adjust({ id: next });
  };
  useKeyCommands({ next: () => step(1), previous: () => step(-1) });
  const mayRefer = role === 'admin' || role === 'operator' || role === 'community';

  return (
    <div className="matters">
      <search className="filters" aria-label={t('orders.filters')}>
        <Segmented<MatterStates>
          aria-label={t('orders.part.label')}
          data-testid="matters-state"
          value={state}
          onChange={(next) => adjust({ query: { state: next } })}
          options={states.map((value) => ({ value, label: t(`matter.part.${value}`) }))}
        />
        <Select
          aria-label={t('matter.levelFilter')}
          data-testid="matters-level"
          className="filter-select"
          value={level}
          onChange={(next) => adjust({ query: { level: next } })}
          options={[
            { value: '', label: t('matter.allLevels') },
            ...levels.map((value) => ({ value, label: `${value} ${t(`matter.level.${value}`)}` })),
          ]}
        />
        <span className="quiet">{t('matter.shown', { n: shown.length })}</span>
        {mayRefer && (
          <Button data-testid="refer-matter" onClick={() => setReferring(true)}>
            {t('matter.refer')}
          </Button>
        )}
      </search>
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <div className="matters-body">
        <section aria-label={t('matter.list')} className="matters-list">
          {data !== undefined && shown.length === 0 && <p className="nothing-open">{t('matter.none')}</p>}
          <MatterList matters={shown} selected={id} onOpen={(next) => adjust({ id: next })} />
        </section>
        <section aria-label={t('matter.detail')} className="matters-detail">
          {id === undefined ? (
            <p className="nothing-open quiet">{t('matter.pickOne')}</p>
          ) : (
            <MatterDetail key={id} id={id} role={role} />
          )}
        </section>
      </div>
      {referring && <ReferDialog onClose={() => setReferring(false)} onReferred={(next) => adjust({ id: next })} />}
    </div>
  );
}
