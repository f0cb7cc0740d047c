import { Input, type InputRef, Segmented, Select } from 'antd';
import { useRef } from 'react';
import type { OrderStates } from '../../api/queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { useKeyCommands } from '../../shell/use-key-commands.ts';

export interface OrderFilter {
  part: OrderStates;
  /** Empty: every priority. */
  priority: string;
  query: string;
  view: 'board' | 'table';
}

export function OrderFilters({
  filter,
  onChange,
  shown,
  cut,
}: {
  filter: OrderFilter;
  onChange: (change: Partial<OrderFilter>) => void;
  shown: number;
  cut: boolean;
}) {
  const { t } = useWords();
  const search = useRef<InputRef>(null);
  useKeyCommands({ search: () => search.current?.focus() });
  return (
    <search className="filters" aria-label={t('orders.filters')}>
      <Segmented<OrderStates>
        aria-label={t('orders.part.label')}
        data-testid="filter-state"
        value={filter.part}
        onChange={(part) => onChange({ part })}
        options={(['open', 'closed', 'all'] as const).map((value) => ({ value, label: t(`orders.part.${value}`) }))}
      />
      <Select
        aria-label={t('orders.priority')}
        data-testid="filter-priority"
        className="filter-select"
        value={filter.priority}
        onChange={(priority) => onChange({ priority })}
        options={[
          { value: '', label: t('orders.allPriorities') },
          ...['P0', 'P1', 'P2', 'P3'].map((value) => ({ value, label: `${value} ${t(`priority.${value}`)}` })),
        ]}
      />
      <Input
        ref={search}
        allowClear
        className="search"
        data-testid="search"
        aria-label={t('now.search')}
        placeholder={t('now.search')}
        value={filter.query}
        onChange={(event) => onChange({ query: event.target.value })}
      />
      <Segmented<'board' | 'table'>
        aria-label={t('orders.view.label')}
        data-testid="filter-view"
        value={filter.view}
        onChange={(view) => onChange({ view })}
        options={(['board', 'table'] as const).map((value) => ({ value, label: t(`orders.view.${value}`) }))}
      />
      <span className="quiet" data-testid="orders-shown">
        {t('orders.shown', { n: shown })}
        {cut && ` · ${t('orders.cut')}`}
      </span>
    </search>
  );
}
