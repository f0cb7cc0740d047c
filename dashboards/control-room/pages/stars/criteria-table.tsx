import { Segmented } from 'antd';
import { useState } from 'react';
import type { CriterionResult, Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { basisLetters, columnOf, countsText, groupCriteria, pointsText, roundedDown } from './star-groups.ts';
import { VerdictMark } from './verdict-mark.tsx';

/** A value with its unit, as the language writes it. */
function useAmount(): (value: number, unit: string) => string {
  const { word, t } = useWords();
  return (value, unit) => {
    const digits = roundedDown(value, unit === '' ? 2 : 1);
    if (unit === 'd') return t('unit.d', { value: digits });
    return unit === '' ? digits : `${digits} ${word('unit', unit)}`;
  };
}

function Thresholds({ criterion, target }: { criterion: CriterionResult; target: number }) {
  const { t } = useWords();
  const amount = useAmount();
  const { thresholds, unit } = criterion;
  if (thresholds === null) return <span className="quiet">{t('stars.noThreshold')}</span>;
  return (
    <span className="thresholds">
      {([3, 4, 5] as const).map((column) => (
        <span key={column} className={column === columnOf(target) ? 'threshold is-target' : 'threshold'}>
          <span className="quiet">{t('stars.nStars', { n: column })}</span> {amount(thresholds[column], unit)}
        </span>
      ))}
    </span>
  );
}

function Row({ criterion, target }: { criterion: CriterionResult; target: number }) {
  const { t, say, word } = useWords();
  const amount = useAmount();
  const { id, title, value, unit, points, pointsMax, control, mandatoryFrom, verdict, basis, explanation } = criterion;
  const counts = countsText(criterion);
  const letters = basisLetters(basis);
  return (
    <tr data-testid="criterion-row" data-criterion={id} data-verdict={verdict}>
      <td className="criterion-id">{id}</td>
      <td>
        <span className="criterion-title">{say(title)}</span>
        {mandatoryFrom !== null && !control && (
          <span className="tag">{t('stars.mandatoryFrom', { n: mandatoryFrom })}</span>
        )}
        <span className="criterion-why">{say(explanation)}</span>
      </td>
      <td className="number criterion-value">
        {value === null ? <span className="no-data">{t('stars.noValue')}</span> : amount(value, unit)}
        {counts !== '' && <span className="quiet small">{counts}</span>}
      </td>
      <td>
        <Thresholds criterion={criterion} target={target} />
      </td>
      <td>
        <VerdictMark verdict={verdict} />
      </td>
      <td className="number">
        {control ? (
          <span className="quiet">{t('stars.control')}</span>
        ) : (
          `${pointsText(points)} / ${pointsText(pointsMax)}`
        )}
      </td>
      <td>
        <abbr title={[...letters.map((letter) => word('basis', letter)), basis].join('\n')}>
          {letters.join('/') || basis}
        </abbr>
      </td>
    </tr>
  );
}

const columns = ['id', 'criterion', 'value', 'threshold', 'verdict', 'points', 'basis'] as const;

/** Every criterion with what was measured, what it is measured against, and what came of it. */
export function CriteriaTable({ rating }: { rating: Rating }) {
  const { t, say } = useWords();
  const [only, setOnly] = useState<'all' | 'open'>('all');
  const isShown = ({ verdict }: CriterionResult) =>
    only === 'all' || verdict === 'not-met' || verdict === 'no-evidence';
  return (
    <section className="card criteria-card" aria-labelledby="criteria-title">
      <div className="card-head">
        <h3 id="criteria-title">{t('stars.criteria', { n: rating.targetStars })}</h3>
        <Segmented<'all' | 'open'>
          aria-label={t('stars.criteriaFilter')}
          value={only}
          onChange={setOnly}
          options={(['all', 'open'] as const).map((value) => ({ value, label: t(`stars.show.${value}`) }))}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="criteria-frame" tabIndex={0} aria-label={t('stars.criteriaTable')}>
        <table className="table criteria">
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" className={name === 'value' || name === 'points' ? 'number' : undefined}>
                  {t(`stars.column.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          {groupCriteria(rating).map(({ category, criteria }) => {
            const shown = criteria.filter(isShown);
            if (shown.length === 0) return null;
            return (
              <tbody key={category?.id ?? 'control'}>
                <tr className="criteria-group">
                  <th colSpan={columns.length} scope="rowgroup">
                    {category === null ? t('stars.controlItems') : say(category.title)}
                  </th>
                </tr>
                {shown.map((criterion) => (
                  <Row key={criterion.id} criterion={criterion} target={rating.targetStars} />
                ))}
              </tbody>
            );
          })}
        </table>
      </section>
    </section>
  );
}
