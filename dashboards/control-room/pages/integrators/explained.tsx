import type { Explained } from '../../api/integrator-queries.ts';
import { useWords } from '../../locales/i18n.ts';

/** What the hub makes of a message: its events, or why it is refused and where. */
export function Outcome({
  explained,
}: {
  explained: Pick<Explained, 'code' | 'reason' | 'field'> & { outcome: string };
}) {
  const { word } = useWords();
  const { outcome, code, reason, field } = explained;
  const isBad = outcome === 'refused' || outcome === 'failed';
  return (
    <span className={isBad ? 'is-bad' : ''} data-testid="outcome" data-outcome={outcome}>
      <strong>{word('messageOutcome', outcome)}</strong> {code !== null && <code>{code}</code>} {reason}{' '}
      {field !== null && <code>{field}</code>}
    </span>
  );
}

export function ExplainedEvents({ events }: Pick<Explained, 'events'>) {
  if (events.length === 0) return null;
  return (
    <pre className="message-text" data-testid="explained-events">
      {events
        .map(
          ({ device, type, occurredAt, data }) => `${type}  ${device}  ${occurredAt}\n${JSON.stringify(data, null, 2)}`,
        )
        .join('\n')}
    </pre>
  );
}
