import { Drawer, Input, type InputRef, Segmented, Select, Spin } from 'antd';
import { useMemo, useRef } from 'react';
import type { CompoundItem, DeviceItem } from '../../../../services/api/schemas.ts';
import { useDevices } from '../../api/queries.ts';
import { filterDevices, formatPlace, groupByPlace, isTroubled, parsePlace, sortDevices } from '../../devices/places.ts';
import { useWords } from '../../locales/i18n.ts';
import { neighbour } from '../../orders/order-list.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { useKeyCommands } from '../../shell/use-key-commands.ts';
import { DeviceDetailView } from './device-detail.tsx';
import { DeviceTable } from './device-table.tsx';
import { PlaceTree } from './place-tree.tsx';

const states = ['', 'troubled', 'offline', 'silent', 'never-heard', 'online'] as const;
const kinds = ['access-gate', 'camera', 'charging-post', 'sensor', 'gateway'];
const empty: DeviceItem[] = [];

function Filters({ shown, total }: { shown: number; total: number }) {
  const { t } = useWords();
  const { query, adjust } = useRoute();
  const search = useRef<InputRef>(null);
  useKeyCommands({ search: () => search.current?.focus() });
  const change = (name: string) => (value: string) => adjust({ query: { [name]: value } });
  return (
    <search className="filters" aria-label={t('orders.filters')}>
      <Segmented<string>
        aria-label={t('devices.stateFilter')}
        data-testid="filter-device-state"
        value={query.state ?? ''}
        onChange={change('state')}
        options={states.map((value) => ({ value, label: t(`devices.state.${value === '' ? 'all' : value}`) }))}
      />
      <Select
        aria-label={t('devices.kindFilter')}
        data-testid="filter-kind"
        className="filter-select"
        value={query.kind ?? ''}
        onChange={change('kind')}
        options={[
          { value: '', label: t('devices.allKinds') },
          ...kinds.map((value) => ({ value, label: t(`kind.${value}`) })),
        ]}
      />
      <Input
        ref={search}
        allowClear
        className="search"
        data-testid="search"
        aria-label={t('devices.search')}
        placeholder={t('devices.search')}
        value={query.q ?? ''}
        onChange={(event) => change('q')(event.target.value)}
      />
      <span className="quiet" data-testid="devices-shown">
        {t('devices.shown', { shown, total })}
      </span>
    </search>
  );
}

function Places({ compound, devices }: { compound: CompoundItem; devices: DeviceItem[] }) {
  const { selected } = useCompound();
  const { query, adjust } = useRoute();
  const buildings = useMemo(() => groupByPlace(compound, devices), [compound, devices]);
  const total = {
    devices: devices.length,
    troubled: devices.filter(isTroubled).length,
    neverHeard: devices.filter(({ health }) => health.state === 'never-heard').length,
  };
  return (
    <PlaceTree
      compound={compound}
      total={total}
      buildings={buildings}
      // With one compound, nothing chosen is all of it.
      choice={parsePlace(query.place || (selected?.id ?? ''))}
      onChoose={(place) => adjust({ query: { place: formatPlace(place) } })}
    />
  );
}

export function DevicesPage() {
  const { t } = useWords();
  const { selected: compound, compounds } = useCompound();
  const { id, query, adjust } = useRoute();
  const { data, error, isPending, refetch } = useDevices(compound?.id);
  const all = data?.items ?? empty;
  const { place = '', kind, state, q } = query;
  const devices = useMemo(
    () =>
      sortDevices(
        filterDevices(all, compounds, {
          ...parsePlace(place),
          kind: kind || undefined,
          state: state || undefined,
          query: q,
        }),
      ),
    [all, compounds, place, kind, state, q],
  );
  const open = (next: string | undefined) => next !== undefined && adjust({ id: next });
  const step = (by: 1 | -1) =>
    open(
      neighbour(
        devices.map((device) => device.id),
        id,
        by,
      ),
    );
  useKeyCommands({ next: () => step(1), previous: () => step(-1) });

  return (
    <div className="devices">
      <aside className="devices-places" aria-label={t('devices.places')}>
        {(compound === undefined ? compounds : [compound]).map((one) => (
          <Places
            key={one.id}
            compound={one}
            devices={compound === undefined ? all.filter((device) => device.compound === one.id) : all}
          />
        ))}
      </aside>
      <section className="devices-main" aria-label={t('devices.table')}>
        <Filters shown={devices.length} total={all.length} />
        {isPending && <Spin className="page-spin" delay={300} />}
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data !== undefined && devices.length === 0 && <p className="nothing-open quiet">{t('devices.nothing')}</p>}
        {devices.length > 0 && <DeviceTable devices={devices} selected={id} onOpen={open} />}
      </section>
      <Drawer
        open={id !== undefined}
        onClose={() => adjust({ id: null })}
        size={520}
        mask={false}
        // Within the page: the header with the freshness stays in sight.
        getContainer={false}
        rootStyle={{ position: 'absolute' }}
        destroyOnHidden
        title={t('devices.detail')}
        data-testid="device-drawer"
      >
        {id !== undefined && <DeviceDetailView key={id} id={id} />}
      </Drawer>
    </div>
  );
}
