import type { RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** A work-order event as property systems read it: CloudEvents 1.0, structured JSON. */
export const cloudEventOf = (event: RecordedEvent): string =>
  JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: `/compounds/${event.meta.compound}`,
    type: event.type,
    subject: event.stream.replace('work-order-', ''),
    time: event.meta.occurredAt,
    datacontenttype: 'application/json',
    data: event.data,
  });

/** Tells every work-order event from now on to whoever subscribed to its compound, until the signal aborts. */
export const publishWorkOrders = async (
  log: EventLog,
  deliver: (topic: string, payload: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { position } = await log.head();
  for await (const events of log.subscribe(position, { signal })) {
    for (const event of events) {
      if (event.type.startsWith('work-order.'))
        deliver(`xy/v1/${event.meta.compound}/work-orders`, cloudEventOf(event));
    }
  }
};
