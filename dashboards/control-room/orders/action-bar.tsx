import { Button } from 'antd';
import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../api/answers.ts';
import { useWords } from '../locales/i18n.ts';
import { keysOf } from '../shell/key-commands.ts';
import { asides, lifeSteps, nextStep } from './order-steps.ts';
import type { OrderActions } from './use-order-actions.ts';

/** One key pauses and resumes. */
const keyOf = (name: CommandName): string | undefined =>
  Object.entries(keysOf).find(([command]) => command === (name === 'resume' ? 'pause' : name))?.[1];

/** Only what the order's state allows; the next step stands out, and what is beside the way stands beneath. */
export function ActionBar({ order, actions }: { order: WorkOrderItem; actions: OrderActions }) {
  const { t } = useWords();
  const next = nextStep(order);
  const button = (name: CommandName, isAside: boolean) => {
    const key = keyOf(name);
    return (
      <Button
        key={name}
        type={name === next ? 'primary' : isAside ? 'text' : 'default'}
        size={isAside ? 'small' : 'middle'}
        loading={actions.pending === name}
        aria-keyshortcuts={key}
        data-testid={`action-${name}`}
        onClick={() => actions.start(name)}
      >
        {t(`action.${name}`)}
        {key !== undefined && (
          <span aria-hidden="true" className="key-hint">
            {key}
          </span>
        )}
      </Button>
    );
  };
  const row = (names: readonly CommandName[], isAside: boolean) =>
    names.filter((name) => actions.allowed.has(name)).map((name) => button(name, isAside));
  if (actions.allowed.size === 0) return null;
  return (
    <div className="action-bar" role="toolbar" aria-label={t('action.bar')}>
      <div className="action-row">{row(lifeSteps, false)}</div>
      <div className="action-row">{row(asides, true)}</div>
    </div>
  );
}
