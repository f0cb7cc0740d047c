import { App } from 'antd';
import { useState } from 'react';
import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import type { CommandBody, CommandName } from '../api/answers.ts';
import { useOrderCommand } from '../api/order-queries.ts';
import { useWords } from '../locales/i18n.ts';
import { withoutDialog } from './order-steps.ts';

export interface OrderActions {
  allowed: ReadonlySet<string>;
  /** The command whose dialog is open. */
  asking: CommandName | null;
  pending: CommandName | null;
  error: Error | null;
  start(name: CommandName): void;
  confirm(body: CommandBody): void;
  dismiss(): void;
}

/** For a component with the order as its key: another order begins without a dialog. */
export function useOrderActions(order: WorkOrderDetail | undefined, canAct: boolean): OrderActions {
  const { t } = useWords();
  const { message } = App.useApp();
  const command = useOrderCommand(order?.id ?? '');
  const [asking, setAsking] = useState<CommandName | null>(null);
  const { reset } = command;

  const allowed: ReadonlySet<string> = new Set(canAct ? order?.allowed : []);
  const run = (name: CommandName, body: CommandBody) =>
    command.mutate({ name, body }, { onSuccess: () => setAsking(null) });
  return {
    allowed,
    asking,
    pending: command.isPending ? command.variables.name : null,
    error: command.error,
    start(name) {
      if (order === undefined || command.isPending) return;
      if (!allowed.has(name)) {
        message.info({
          // One at a time, whatever keys are pressed.
          key: 'not-allowed',
          content: t('action.notAllowed', { action: t(`action.${name}`), state: t(`state.${order.state}`) }),
        });
        return;
      }
      reset();
      if (withoutDialog.includes(name)) run(name, {});
      else setAsking(name);
    },
    confirm(body) {
      if (asking !== null) run(asking, body);
    },
    dismiss() {
      setAsking(null);
      reset();
    },
  };
}
