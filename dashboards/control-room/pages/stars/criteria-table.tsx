import { Segmented } from 'antd';
import { useState } from 'react';
import type { CriterionResult, Rating } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { dearest } from './points-lost.ts';
import { basisLetters, countsText, groupCriteria, pointsText } from './star-groups.ts';
import { Thresholds } from './thresholds.tsx';
import { useAmount } from './use-amount.ts';
import { VerdictMark } from './verdict-mark.tsx';

function Points({ criterion }: { criterion: CriterionResult }) {
  const { t } = useWords();
  const { control, points, pointsMax, pointsLost: lost } = criterion;
  if (control) return <span className="quiet">{t('stars.control')}</span>;
  return (
    <>
      {pointsText(points)} / {pointsText(pointsMax)}
      {lost > 0 && (
        <span className="small points-lost">
          <span className="visually-hidden">{t('stars.lost')}</span>−{pointsText(lost)}
        </span>
      )}
    </>
  );
}

function Row({
  criterion,
  target,
  isOpen,
  onOpen,
}: {
  criterion: CriterionResult;
  target: number;
  isOpen: boolean;
  onOpen: (id: string) => void;
}) {
  const { t, say, word } = useWords();
  const amount = useAmount();
  const { id, title, value, unit, control, mandatoryFrom, verdict, basis, explanation } = criterion;
  const counts = countsText(criterion);
  const letters = basisLetters(basis);
  return (
    <tr
      data-testid="criterion-row"
      data-criterion={id}
      data-verdict={verdict}
      className={isOpen ? 'is-selected' : undefined}
    >
      <td className="criterion-id">{id}</td>
      <td>
        <button
          type="button"
          className="link criterion-title"
          data-testid="open-evidence"
          aria-haspopup="dialog"
          onClick={() => onOpen(id)}
        >
          {say(title)}
        </button>
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
        <Points criterion={criterion} />
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

type Shown = 'all' | 'open' | 'lost';

/** What stands in the table: in groups, or, by points lost, in one. */
function sectionsOf(
  rating: Rating,
  shown: Shown,
): { key: string; title: CriterionResult['title'] | null; criteria: CriterionResult[] }[] {
  if (shown === 'lost') return [{ key: 'lost', title: null, criteria: dearest(rating.criteria) }];
  const isShown = ({ verdict }: CriterionResult) =>
    shown === 'all' || verdict === 'not-met' || verdict === 'no-evidence';
  return groupCriteria(rating)
    .map(({ category, criteria }) => ({
      key: category?.id ?? 'control',
      title: category?.title ?? null,
      criteria: criteria.filter(isShown),
    }))
    .filter(({ criteria }) => criteria.length > 0);
}

/** Every criterion with what was measured, what it is measured against, what came of it, and what it cost. */
export function CriteriaTable({
  rating,
  opened,
  onOpen,
}: {
  rating: Rating;
  opened: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t, say } = useWords();
  const [shown, setShown] = useState<Shown>('all');
  return (
    <section className="card criteria-card" aria-labelledby="criteria-title">
      <div className="card-head">
        <h3 id="criteria-title">{t('stars.criteria', { n: rating.targetStars })}</h3>
        <Segmented<Shown>
          aria-label={t('stars.criteriaFilter')}
          data-testid="criteria-filter"
          value={shown}
          onChange={setShown}
          options={(['all', 'open', 'lost'] as const).map((value) => ({ value, label: t(`stars.show.${value}`) }))}
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
          {sectionsOf(rating, shown).map(({ key, title, criteria }) => (
            <tbody key={key}>
              {shown !== 'lost' && (
                <tr className="criteria-group">
                  <th colSpan={columns.length} scope="rowgroup">
                    {title === null ? t('stars.controlItems') : say(title)}
                  </th>
                </tr>
              )}
              {criteria.map((criterion) => (
                <Row
                  key={criterion.id}
                  criterion={criterion}
                  target={rating.targetStars}
                  isOpen={criterion.id === opened}
                  onOpen={onOpen}
                />
              ))}
            </tbody>
          ))}
        </table>
      </section>
    </section>
  );
}
