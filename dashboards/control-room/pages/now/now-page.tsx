import { Input, type InputRef, Spin } from 'antd';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useOrders } from '../../api/order-queries.ts';
import { useLiveState, useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { OrderDetail } from '../../orders/order-detail.tsx';
import { figuresOf, neighbour, searchOrders, sortOrders } from '../../orders/order-list.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useKeyCommands } from '../../shell/use-key-commands.ts';
import { HandoverNote } from './handover-note.tsx';
import { NowFigures } from './now-figures.tsx';
import { OrderList } from './order-list.tsx';

/** Nothing open is only told as such while the page can know it. */
function NothingOpen({ searching }: { searching: boolean }) {
  const { t } = useWords();
  const { status } = useLiveState();
  const isKnown = status === 'open';
  const words = searching ? t('now.nothingFound') : isKnown ? t('now.nothingOpen') : t('now.unknown');
  return (
    <p className={isKnown ? 'nothing-open' : 'nothing-open no-data'} data-testid="nothing-open">
      {words}
    </p>
  );
}

export function NowPage({ canAct }: { canAct: boolean }) {
  const { t } = useWords();
  const { selected: compound } = useCompound();
  const { id, adjust } = useRoute();
  const [query, setQuery] = useState('');
  const search = useRef<InputRef>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const { data, error, isPending, refetch } = useOrders(compound?.id, 'open');
  const all = useMemo(() => sortOrders(data?.items ?? []), [data]);
  const orders = useMemo(() => searchOrders(all, query), [all, query]);
  const figures = figuresOf(all, useNow(5_000));

  const select = (next: string | undefined) => {
    if (next !== undefined) adjust({ id: next });
  };
  const step = (by: 1 | -1) =>
    select(
      neighbour(
        orders.map((order) => order.id),
        id,
        by,
      ),
    );
  const first = orders[0]?.id;
  useEffect(() => {
    if (id === undefined && first !== undefined) adjust({ id: first });
  }, [id, first, adjust]);
  const openSelected = () => title.current?.focus();
  useKeyCommands({
    next: () => step(1),
    previous: () => step(-1),
    open: openSelected,
    search: () => search.current?.focus(),
  });
  const onArrow = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    step(event.key === 'ArrowDown' ? 1 : -1);
  };

  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error ?? new Error('')} onRetry={() => void refetch()} />;
  return (
    <div className="now">
      <section className="now-list" aria-label={t('now.list')} onKeyDown={onArrow}>
        <div className="now-top">
          <NowFigures figures={figures} cut={data.cut} />
          {compound !== undefined && <HandoverNote compound={compound.id} zone={compound.timeZone} />}
          <Input
            ref={search}
            allowClear
            className="search"
            aria-label={t('now.search')}
            placeholder={t('now.search')}
            data-testid="search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' || event.key === 'Escape') search.current?.blur();
            }}
          />
        </div>
        {error !== null && <ProblemNote error={error} />}
        {orders.length === 0 ? (
          <NothingOpen searching={query !== ''} />
        ) : (
          <OrderList orders={orders} selected={id} onSelect={select} onOpen={openSelected} />
        )}
      </section>
      <section className="now-context" aria-label={t('now.context')}>
        {id === undefined ? (
          <p className="nothing-open quiet">{t('now.pickOne')}</p>
        ) : (
          <OrderDetail key={id} id={id} canAct={canAct} focusRef={title} />
        )}
      </section>
    </div>
  );
}
