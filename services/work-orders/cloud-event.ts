import type { RecordedEvent } from '../event-log/event.ts';

export const cloudEventType = 'application/cloudevents+json';

/** An event as other systems read it: CloudEvents 1.0, structured JSON. */
export const cloudEventOf = (event: RecordedEvent): string =>
  JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: `/compounds/${event.meta.compound}`,
    type: event.type,
    // The stream without its kind: `work-order-7f…-1` is about the order `7f…-1`.
    subject: event.stream.replace(/^(work-order|notice)-/, ''),
    time: event.meta.occurredAt,
    datacontenttype: 'application/json',
    data: event.data,
  });
