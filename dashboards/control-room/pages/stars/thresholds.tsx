import type { CriterionResult } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';
import { columnOf } from './star-groups.ts';
import { useAmount } from './use-amount.ts';

/** What each star asks for, the compound's own target framed. */
export function Thresholds({ criterion, target }: { criterion: CriterionResult; target: number }) {
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
