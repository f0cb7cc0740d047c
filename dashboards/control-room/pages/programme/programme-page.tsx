import { Input, Segmented, Select, Spin } from 'antd';
import { useMemo } from 'react';
import type { Programme } from '../../../../services/projections/programme/programme.ts';
import { useProgramme } from '../../api/city-queries.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { dayIn } from '../stars/rating-choice.ts';
import { DistrictTable, ProgrammeFigures } from './programme-figures.tsx';
import { isProgrammeFilter, listProgramme, programmeFilters } from './programme-list.ts';
import { ProgrammeTable } from './programme-table.tsx';
import '../../styles/stars.css';
import '../../styles/city.css';

/** A city's clock; the bureau's year turns with it. */
const cityZone = 'Asia/Shanghai';
const yearsShown = 6;

function Compounds({ programme }: { programme: Programme }) {
  const { t } = useWords();
  const { query, adjust, go } = useRoute();
  const { select } = useCompound();
  const { district = '', q = '', filter: asked } = query;
  const filter = isProgrammeFilter(asked) ? asked : 'all';
  const shown = useMemo(
    () => listProgramme(programme.compounds, { filter, district, search: q }),
    [programme, filter, district, q],
  );
  const districts = programme.districts.flatMap((row) => (row.district === null ? [] : [row.district]));
  return (
    <>
      <search className="filters" aria-label={t('orders.filters')}>
        <Segmented<string>
          aria-label={t('programme.filter')}
          data-testid="programme-filter"
          value={filter}
          onChange={(next) => adjust({ query: { filter: next === 'all' ? '' : next } })}
          options={programmeFilters.map((value) => ({ value, label: t(`programme.show.${value}`) }))}
        />
        <Select
          className="filter-select"
          aria-label={t('programme.column.district')}
          popupMatchSelectWidth={false}
          value={district}
          onChange={(next) => adjust({ query: { district: next } })}
          options={[
            { value: '', label: t('programme.allDistricts') },
            ...districts.map((value) => ({ value, label: value })),
          ]}
        />
        <Input
          allowClear
          className="search"
          aria-label={t('programme.search')}
          placeholder={t('programme.search')}
          value={q}
          onChange={(event) => adjust({ query: { q: event.target.value } })}
        />
        <span className="quiet" data-testid="programme-shown">
          {t('programme.shown', { shown: shown.length, total: programme.compounds.length })}
        </span>
      </search>
      {shown.length === 0 ? (
        <p className="nothing-open quiet">{t('programme.nothing')}</p>
      ) : (
        <ProgrammeTable
          compounds={shown}
          onOpen={(id) => {
            select(id);
            go('stars');
          }}
        />
      )}
    </>
  );
}

/** The bureau's year: how many compounds reached their stars, where, and what is to be expected. */
export function ProgrammePage() {
  const { t } = useWords();
  const { query, adjust } = useRoute();
  const thisYear = Number(dayIn(useNow(60_000), cityZone).slice(0, 4));
  const asked = Number(query.year);
  const year = Number.isInteger(asked) && asked > 2000 && asked <= thisYear ? asked : thisYear;
  const { data, error, isPending, refetch } = useProgramme(year);
  return (
    <div className="programme">
      <div className="stars-top">
        <h2>{t('programme.title', { year })}</h2>
        <Select
          aria-label={t('programme.year')}
          data-testid="programme-year"
          value={year}
          onChange={(next) => adjust({ query: { year: next === thisYear ? '' : String(next) } })}
          options={Array.from({ length: yearsShown }, (_, back) => ({
            value: thisYear - back,
            label: String(thisYear - back),
          }))}
        />
        {data !== undefined && (
          <span className="quiet">{t('programme.asOf', { at: absoluteTime(data.asOf, cityZone) })}</span>
        )}
      </div>
      {isPending && <Spin className="page-spin" delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <ProgrammeFigures programme={data} />
          <DistrictTable
            programme={data}
            chosen={query.district ?? ''}
            onChoose={(district) => adjust({ query: { district } })}
          />
          <Compounds programme={data} />
        </>
      )}
    </div>
  );
}
