import { Alert, Button } from 'antd';
import { ApiProblem } from '../api/client.ts';
import { useWords } from '../locales/i18n.ts';

/** An error in words: the catalogue's for its code, else what the API said. */
export function ProblemNote({
  error,
  onRetry,
  testId = 'problem',
}: {
  error: Error;
  onRetry?: () => void;
  testId?: string;
}) {
  const { t, word } = useWords();
  const code = error instanceof ApiProblem ? error.code : 'page.failed';
  const fields = error instanceof ApiProblem ? error.fields : [];
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="problem-note"
      data-testid={testId}
      data-code={code}
      title={word('problem', code, error.message || t('problem.unknown'))}
      description={
        fields.length > 0 ? (
          <ul className="plain">
            {fields.map(({ field, message }) => (
              <li key={`${field} ${message}`}>
                <code>{field}</code> {message}
              </li>
            ))}
          </ul>
        ) : undefined
      }
      action={onRetry && <Button onClick={onRetry}>{t('action.retry')}</Button>}
    />
  );
}
