import type { MatterItem } from '../../../../services/projections/matters/shapes.ts';
import { useWords } from '../../locales/i18n.ts';

const rungs = ['L0', 'L1', 'L2', 'L3'] as const;

/** The ladder as a line: where the matter came from, where it stands, and what is still above it. */
export function LadderLine({ matter }: { matter: MatterItem }) {
  const { t } = useWords();
  const at = rungs.indexOf(matter.level);
  const isOver = matter.closedAt !== null || matter.state === 'declined';
  return (
    <ol className="ladder-line" data-testid="ladder-line">
      {rungs.map((rung, index) => (
        <li
          key={rung}
          className={index < at ? 'is-past' : index === at ? 'is-here' : 'is-above'}
          aria-current={index === at ? 'step' : undefined}
        >
          <strong>{rung}</strong> {t(`matter.level.${rung}`)}
          {index === at && (
            <span className="quiet"> · {isOver ? t('matter.ended') : t(`matter.state.${matter.state}`)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}
