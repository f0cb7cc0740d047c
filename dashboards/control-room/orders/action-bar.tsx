import { Button } from 'antd';
import type { CommandName } from '../api/answers.ts';
import { useWords } from '../locales/i18n.ts';
import { keysOf } from '../shell/key-commands.ts';
import { asides, type OrderActions, steps } from './use-order-actions.ts';

const keyOf = (name: CommandName): string | undefined =>
  Object.entries(keysOf).find(([command]) => command === name)?.[1];

/** Only what the order's state allows; the next step stands out. */
export function ActionBar({ actions }: { actions: OrderActions }) {
  const { t } = useWords();
  const next = steps.find((name) => actions.allowed.has(name));
  return (
    <div className="action-bar" role="toolbar" aria-label={t('action.bar')}>
      {[...steps, ...asides]
        .filter((name) => actions.allowed.has(name))
        .map((name) => {
          const key = keyOf(name);
          return (
            <Button
              key={name}
              type={name === next ? 'primary' : 'default'}
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
        })}
    </div>
  );
}
