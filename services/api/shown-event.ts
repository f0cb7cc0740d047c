import type { RecordedEvent } from '../event-log/event.ts';

/** An event as people may see it: even the hash of a device's password is nobody's business. */
export const shownEvent = (event: RecordedEvent): RecordedEvent => {
  if (event.type !== 'device.credential-issued') return event;
  const { secretSha256: _secret, ...data } = event.data as { secretSha256: string };
  return { ...event, data };
};
