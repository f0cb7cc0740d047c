import { useDeviceEvents } from '../api/queries.ts';
import { useNow } from '../live/live-context.tsx';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { occurredAt, stripMarks, toneOf } from './event-strip.ts';
import { eventSummary } from './event-words.ts';

/** What the device said: its last hour as a strip, the newest in words. */
export function DeviceEventsPanel({ device, zone, count }: { device: string; zone: string; count: number }) {
  const words = useWords();
  const { t, word } = words;
  const { data, isPending, isError } = useDeviceEvents(device);
  const now = useNow(10_000);
  const events = data ?? [];
  const marks = stripMarks(events, now);
  return (
    <section aria-labelledby="events-title" className="panel-section">
      <h3 id="events-title">{t('device.lastEvents')}</h3>
      <div
        className="event-strip"
        role="img"
        aria-label={t('device.stripLabel', { n: marks.length })}
        data-testid="event-strip"
      >
        {marks.map(({ id, at, tone }) => (
          <span key={id} className={`strip-mark strip-${tone}`} style={{ insetInlineStart: `${at * 100}%` }} />
        ))}
      </div>
      <div className="strip-scale quiet" aria-hidden="true">
        <span>{t('device.stripFrom')}</span>
        <span>{t('device.stripTo')}</span>
      </div>
      {isError && <p className="no-data">{t('device.eventsFailed')}</p>}
      {!isPending && !isError && events.length === 0 && <p className="no-data">{t('device.noEvents')}</p>}
      <ol className="event-list">
        {events.slice(0, count).map((event) => (
          <li key={event.id} data-testid="event-row" className={`event-${toneOf(event.type)}`}>
            <When at={occurredAt(event)} zone={zone} />
            <span>{word('event', event.type)}</span>
            <span className="quiet event-summary">{eventSummary(event, words)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
