import { Button, Spin } from 'antd';
import type { EvidenceEvent } from '../../api/star-answers.ts';
import { type EvidenceOf, useEvidenceEvents } from '../../api/star-queries.ts';
import { eventSummary } from '../../devices/event-words.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';

function EventLine({ event, zone }: { event: EvidenceEvent; zone: string }) {
  const words = useWords();
  const { t, word } = words;
  const { position, id, type, occurredAt, receivedAt, late, data, sourceId, deadLetter, message } = event;
  return (
    <li data-testid="evidence-event" data-type={type}>
      <span className="evidence-event-line">
        <time dateTime={occurredAt}>{absoluteTime(occurredAt, zone)}</time>
        <strong>{word('event', type)}</strong>
        <span className="quiet">{eventSummary({ type, data }, words)}</span>
        {late && <span className="tag tag-warn">{t('evidence.late')}</span>}
      </span>
      <details className="small">
        <summary>{t('evidence.recorded', { position })}</summary>
        <dl className="facts">
          <div>
            <dt>{t('evidence.eventId')}</dt>
            <dd>
              <code>{id}</code>
            </dd>
          </div>
          <div>
            <dt>{t('evidence.eventType')}</dt>
            <dd>
              <code>{type}</code>
            </dd>
          </div>
          <div>
            <dt>{t('evidence.receivedAt')}</dt>
            <dd>{absoluteTime(receivedAt, zone)}</dd>
          </div>
          {sourceId !== undefined && (
            <div>
              <dt>{t('evidence.sourceId')}</dt>
              <dd>
                <code>{sourceId}</code>
              </dd>
            </div>
          )}
          {message !== undefined && (
            <div>
              <dt>{t('evidence.message')}</dt>
              <dd>
                <a href={message}>{t('evidence.openMessage')}</a>
              </dd>
            </div>
          )}
          {deadLetter !== undefined && (
            <div>
              <dt>{t('evidence.deadLetter')}</dt>
              <dd>
                <a href={`/api/dead-letters/${encodeURIComponent(deadLetter)}`}>{deadLetter}</a>
              </dd>
            </div>
          )}
        </dl>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <pre className="event-data" tabIndex={0}>
          {JSON.stringify(data, null, 2)}
        </pre>
      </details>
    </li>
  );
}

/** The events beneath one contribution, as they were recorded. */
export function EvidenceEvents({ of, subject, zone }: { of: EvidenceOf; subject: string; zone: string }) {
  const { t, say } = useWords();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useEvidenceEvents(
    of,
    subject,
  );
  const events = data?.pages.flatMap(({ items }) => items) ?? [];
  const record = data?.pages[0]?.record;
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {events.length === 0 && !hasNextPage && <p className="no-data">{t('evidence.noEvents')}</p>}
      <ol className="evidence-events">
        {events.map((event) => (
          <EventLine key={`${event.position} ${event.id}`} event={event} zone={zone} />
        ))}
      </ol>
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('evidence.moreEvents')}
        </Button>
      )}
      {record !== undefined && <p className="quiet small">{say(record)}</p>}
    </>
  );
}
