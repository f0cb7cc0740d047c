import { Modal } from 'antd';
import { useWords } from '../locales/i18n.ts';
import { type KeyCommand, keysOf } from './key-commands.ts';

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('keys.title')} destroyOnHidden width={440}>
      <dl className="key-list" data-testid="help-dialog">
        {(Object.entries(keysOf) as [KeyCommand, string][]).map(([command, key]) => (
          <div key={command}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(`keys.${command}`)}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{t('keys.dialogHint')}</p>
    </Modal>
  );
}
