import type { CriterionResult } from '../../../../services/projections/star-rating/rating.ts';
import { useWords } from '../../locales/i18n.ts';

type Verdict = CriterionResult['verdict'];

/** No evidence is an answer of its own, never a pale "met". */
const shapes: Record<Verdict, string> = {
  met: 'M2 8.5l4 4 8-9',
  'not-met': 'M3 3l10 10M13 3L3 13',
  'no-evidence': 'M5 6a3 3 0 1 1 4.4 2.7C8.3 9.3 8 9.8 8 11M8 13v1.5',
  'not-applicable': 'M3 8h10',
};

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const { t } = useWords();
  return (
    <span className={`verdict verdict-${verdict}`} data-verdict={verdict}>
      <svg width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[verdict]} fill="none" stroke="currentColor" strokeWidth="2" />
      </svg>
      {t(`verdict.${verdict}`)}
    </span>
  );
}
