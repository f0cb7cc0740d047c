import { PrinterOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, type InputRef, Segmented, Select } from 'antd';
import { useRef } from 'react';
import type { OrderStates } from '../../api/order-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { trades } from '../../orders/trades.ts';
import { useKeyCommands } from '../../shell/use-key-commands.ts';

export interface OrderFilter {
  part: OrderStates;
  /** Empty: every one. */
  priority: string;
  trade: string;
  assignee: string;
  overdue: boolean;
  query: string;
  view: 'board' | 'table';
}

interface Choice {
  name: 'priority' | 'trade' | 'assignee';
  options: { value: string; label: string }[];
}

export function OrderFilters({
  filter,
  onChange,
  people,
  shown,
  cut,
  onPrint,
}: {
  filter: OrderFilter;
  onChange: (change: Partial<OrderFilter>) => void;
  people: string[];
  shown: number;
  cut: boolean;
  onPrint: () => void;
}) {
  const { t, word } = useWords();
  const search = useRef<InputRef>(null);
  useKeyCommands({ search: () => search.current?.focus() });
  // Whoever is chosen stays in the list, even if nothing is in that person's hands any more.
  const named = filter.assignee === '' || people.includes(filter.assignee) ? people : [filter.assignee, ...people];
  const choices: Choice[] = [
    {
      name: 'priority',
      options: ['P0', 'P1', 'P2', 'P3'].map((value) => ({ value, label: `${value} ${t(`priority.${value}`)}` })),
    },
    { name: 'trade', options: trades.map((value) => ({ value, label: word('trade', value) })) },
    { name: 'assignee', options: named.map((value) => ({ value, label: value })) },
  ];
  return (
    <search className="filters" aria-label={t('orders.filters')}>
      <Segmented<OrderStates>
        aria-label={t('orders.part.label')}
        data-testid="filter-state"
        value={filter.part}
        onChange={(part) => onChange({ part })}
        options={(['open', 'closed', 'all'] as const).map((value) => ({ value, label: t(`orders.part.${value}`) }))}
      />
      {choices.map(({ name, options }) => (
        <Select
          key={name}
          aria-label={t(`orders.filter.${name}`)}
          data-testid={`filter-${name}`}
          className="filter-select"
          showSearch={{ optionFilterProp: 'label' }}
          popupMatchSelectWidth={false}
          value={filter[name]}
          onChange={(value) => onChange({ [name]: value })}
          options={[{ value: '', label: t(`orders.any.${name}`) }, ...options]}
        />
      ))}
      <Checkbox
        data-testid="filter-overdue"
        checked={filter.overdue}
        onChange={(event) => onChange({ overdue: event.target.checked })}
      >
        {t('orders.filter.overdue')}
      </Checkbox>
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
      <Button type="text" icon={<PrinterOutlined aria-hidden />} data-testid="print-orders" onClick={onPrint}>
        {t('action.print')}
      </Button>
      <span className="quiet" data-testid="orders-shown">
        {t('orders.shown', { n: shown })}
        {cut && ` · ${t('orders.cut')}`}
      </span>
    </search>
  );
}
