import { Form, type GetRef, Input, type InputRef, Modal, Radio } from 'antd';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import type { CommandBody, CommandName, Outcome } from '../api/answers.ts';
import { useWords } from '../locales/i18n.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import type { OrderActions } from './use-order-actions.ts';

const outcomes: Outcome[] = ['repaired', 'not-reproducible', 'false-alarm', 'accepted-as-is'];

interface Fields {
  text?: string;
  outcome?: Outcome;
}

/** Empty fields are left out, so that the hub's own default holds. */
function bodyOf(name: CommandName, { text, outcome }: Fields): CommandBody {
  const words = text?.trim() === '' ? undefined : text?.trim();
  switch (name) {
    case 'dispatch':
      return { assignee: words };
    case 'resolve':
      return { note: words };
    case 'close':
      return { outcome, note: words };
    case 'note':
      return { text: words ?? '' };
    case 'cancel':
    case 'reopen':
      return { reason: words ?? '' };
    default:
      return {};
  }
}

function TextField({ name, required, steward }: { name: CommandName; required: boolean; steward: string | undefined }) {
  const { t } = useWords();
  const isPerson = name === 'dispatch';
  const input = useRef<InputRef>(null);
  const area = useRef<GetRef<typeof Input.TextArea>>(null);
  useEffect(() => {
    // After the dialog has moved the focus to itself.
    const timer = setTimeout(() => (isPerson ? input : area).current?.focus(), 60);
    return () => clearTimeout(timer);
  }, [isPerson]);
  const hint = steward === undefined ? t('dialog.dispatchSelf') : t('dialog.dispatchSteward', { steward });
  return (
    <Form.Item
      name="text"
      label={t(`dialog.field.${name}`)}
      extra={isPerson ? hint : undefined}
      rules={required ? [{ required: true, whitespace: true, message: t('dialog.required') }] : []}
    >
      {isPerson ? (
        <Input ref={input} maxLength={100} placeholder={steward} data-testid="dialog-text" />
      ) : (
        <Input.TextArea ref={area} rows={3} maxLength={2000} data-testid="dialog-text" />
      )}
    </Form.Item>
  );
}

export function ActionDialog({
  order,
  actions,
  steward,
}: {
  order: WorkOrderDetail;
  actions: OrderActions;
  steward: string | undefined;
}) {
  const { t, say } = useWords();
  const [form] = Form.useForm<Fields>();
  const outcome = Form.useWatch('outcome', form) ?? 'repaired';
  const name = actions.asking;
  if (name === null) return null;
  const required =
    name === 'note' || name === 'cancel' || name === 'reopen' || (name === 'close' && outcome !== 'repaired');
  const submitKeys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    const inArea = event.target instanceof HTMLTextAreaElement;
    if (inArea ? event.ctrlKey || event.metaKey : event.target instanceof HTMLInputElement) {
      event.preventDefault();
      form.submit();
    }
  };
  return (
    <Modal
      open
      destroyOnHidden
      title={t(`dialog.title.${name}`)}
      onCancel={actions.dismiss}
      onOk={() => form.submit()}
      okText={t(`action.${name}`)}
      cancelText={t('action.back')}
      confirmLoading={actions.pending !== null}
      okButtonProps={{ ...{ 'data-testid': 'dialog-confirm' } }}
      cancelButtonProps={{ ...{ 'data-testid': 'dialog-cancel' } }}
      width={460}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: listens to keys of the fields within */}
      <div data-testid="action-dialog" data-command={name} onKeyDown={submitKeys}>
        <p className="quiet">{say(order.title)}</p>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ outcome: 'repaired' }}
          onFinish={(fields) => actions.confirm(bodyOf(name, fields))}
        >
          {name === 'close' && (
            <Form.Item name="outcome" label={t('dialog.field.outcome')}>
              <Radio.Group
                data-testid="dialog-outcome"
                options={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))}
              />
            </Form.Item>
          )}
          <TextField name={name} required={required} steward={steward} />
        </Form>
        {actions.error !== null && <ProblemNote error={actions.error} testId="order-problem" />}
        <p className="quiet small">{t('dialog.keys')}</p>
      </div>
    </Modal>
  );
}
