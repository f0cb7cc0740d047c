import { Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import { useWords } from '../../locales/i18n.ts';
import { type BulkCommand, fitForBulk } from '../../orders/order-steps.ts';
import { type BulkOutcome, useBulkCommand } from './use-bulk-command.ts';

/** One answer for many orders: how many took it, and of each that didn't, why. */
function Outcome({ outcome }: { outcome: BulkOutcome }) {
  const { t, word } = useWords();
  return (
    <span role="status" data-testid="bulk-outcome" className={outcome.refused.length > 0 ? 'is-bad' : 'quiet'}>
      {t('bulk.done', { n: outcome.done })}
      {outcome.refused.map(({ id, code }) => ` · ${id} ${word('problem', code)}`).join('')}
    </span>
  );
}

function DispatchDialog({
  count,
  people,
  onSend,
  onClose,
}: {
  count: number;
  people: string[];
  onSend: (assignee: string) => void;
  onClose: () => void;
}) {
  const { t } = useWords();
  const [assignee, setAssignee] = useState('');
  const id = useId();
  return (
    <Modal
      open
      title={t('bulk.dispatchTitle', { n: count })}
      okText={t('action.dispatch')}
      cancelText={t('action.back')}
      okButtonProps={{ ...{ 'data-testid': 'bulk-confirm' } }}
      onOk={() => onSend(assignee.trim())}
      onCancel={onClose}
      width={420}
    >
      <label htmlFor={id} className="field-label">
        {t('dialog.field.assignee')}
      </label>
      <Input
        id={id}
        autoFocus
        maxLength={100}
        list={`${id}-known`}
        autoComplete="off"
        data-testid="bulk-assignee"
        value={assignee}
        onChange={(event) => setAssignee(event.target.value)}
        onPressEnter={() => onSend(assignee.trim())}
      />
      <datalist id={`${id}-known`}>
        {people.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p className="quiet">{t('bulk.dispatchHint')}</p>
    </Modal>
  );
}

/** What can be done with all chosen orders at once. */
export function BulkBar({
  chosen,
  people,
  onClear,
}: {
  chosen: WorkOrderItem[];
  people: string[];
  onClear: () => void;
}) {
  const { t } = useWords();
  const [sending, setSending] = useState(false);
  const bulk = useBulkCommand();
  const takers = (command: BulkCommand) => fitForBulk(chosen, command);
  const run = (command: BulkCommand, body: { assignee?: string }) => {
    setSending(false);
    bulk.mutate({ command, ids: takers(command).map(({ id }) => id), body }, { onSuccess: onClear });
  };
  if (chosen.length === 0 && bulk.data === undefined) return null;
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t('bulk.bar')} data-testid="bulk-bar">
      {chosen.length > 0 && (
        <>
          <strong>{t('bulk.chosen', { n: chosen.length })}</strong>
          <Button
            size="small"
            type="primary"
            data-testid="bulk-acknowledge"
            disabled={takers('acknowledge').length === 0}
            loading={bulk.isPending}
            onClick={() => run('acknowledge', {})}
          >
            {t('bulk.acknowledge', { n: takers('acknowledge').length })}
          </Button>
          <Button
            size="small"
            data-testid="bulk-dispatch"
            disabled={takers('dispatch').length === 0 || bulk.isPending}
            onClick={() => setSending(true)}
          >
            {t('bulk.dispatch', { n: takers('dispatch').length })}
          </Button>
          <Button size="small" type="text" onClick={onClear}>
            {t('bulk.clear')}
          </Button>
        </>
      )}
      {bulk.data !== undefined && <Outcome outcome={bulk.data} />}
      {sending && (
        <DispatchDialog
          count={takers('dispatch').length}
          people={people}
          onClose={() => setSending(false)}
          onSend={(assignee) => run('dispatch', assignee === '' ? {} : { assignee })}
        />
      )}
    </div>
  );
}
