import { Alert } from 'antd';
import { useWords } from '../locales/i18n.ts';

/** A secret that the hub tells in one answer only. */
export function SecretOnce({
  secret,
  testId,
  onClose,
}: {
  secret: string | null;
  testId: string;
  onClose: () => void;
}) {
  const { t } = useWords();
  if (secret === null) return null;
  return (
    <Alert
      type="warning"
      closable
      role="alert"
      data-testid={testId}
      title={t('target.secretOnce')}
      description={<code>{secret}</code>}
      onClose={onClose}
    />
  );
}
