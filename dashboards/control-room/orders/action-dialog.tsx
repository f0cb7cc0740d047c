import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../api/answers.ts';
import { AskDialog } from '../forms/ask-dialog.tsx';
import { useWords } from '../locales/i18n.ts';
import { useCompound } from '../shell/compound-context.tsx';
import { commandBody, commandFields, initialValues } from './command-fields.ts';
import { useFieldContext } from './use-field-context.ts';
import type { OrderActions } from './use-order-actions.ts';

interface DialogProps {
  order: WorkOrderDetail;
  actions: OrderActions;
  steward: string | undefined;
}

function CommandDialog({ name, order, actions, steward }: DialogProps & { name: CommandName }) {
  const { t, say } = useWords();
  const { zoneOf } = useCompound();
  const context = useFieldContext({ name, order, steward });
  return (
    <AskDialog
      command={name}
      title={t(`dialog.title.${name}`)}
      about={say(order.title)}
      okText={t(`action.${name}`)}
      initial={initialValues[name] ?? {}}
      fieldsOf={(values) => commandFields(name, { ...context, values })}
      pending={actions.pending !== null}
      error={actions.error}
      problemTestId="order-problem"
      onSubmit={(values, fields) => actions.confirm(commandBody(name, fields, values, zoneOf(order.compound)))}
      onClose={actions.dismiss}
    />
  );
}

export function ActionDialog(props: DialogProps) {
  const { asking } = props.actions;
  return asking === null ? null : <CommandDialog key={asking} name={asking} {...props} />;
}
