import { describe, expect, test } from '@jest/globals';
import { deviceStream, type NewEvent, telemetryStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { deviceEventsCursor, deviceEventsPage } from './device-events.ts';

const startMs = Date.UTC(2026, 2, 1, 8);

/** `k` is an event that stays, `t` one that may expire; a second between each. */
const logOf = async (said: string) => {
  const log = createMemoryEventLog();
  for (const [second, letter] of [...said].entries()) {
    const at = new Date(startMs + second * 1000).toISOString();
    const event: NewEvent = {
      id: eventId({ occurredAtMs: startMs, device: 'gate-1', source: String(second) }),
      ...{ type: `${letter}.said`, data: { second } },
      meta: { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', device: 'gate-1' },
    };
    const stream = letter === 'k' ? deviceStream('gate-1') : telemetryStream('gate-1');
    await log.append([{ stream, expectedRevision: 'any', events: [event] }]);
  }
  return log;
};

const pagesOf = async (log: Awaited<ReturnType<typeof logOf>>, limit: number): Promise<number[][]> => {
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const { events, next } = await deviceEventsPage(log, 'gate-1', { limit, cursor });
    pages.push(events.map(({ data }) => (data as { second: number }).second));
    cursor = next === null ? undefined : deviceEventsCursor.parse(next);
  } while (cursor !== undefined);
  return pages;
};

describe('a device’s events', () => {
  test.each(['', 'k', 't', 'kkkk', 'tttt', 'ktktkt', 'kkkttt', 'tttkkk', 'kttttktk'])('of %j', async (said) => {
    const log = await logOf(said);
    const newestFirst = [...said].map((_, second) => second).reverse();
    for (const limit of [1, 2, 3, 100]) {
      const pages = await pagesOf(log, limit);
      expect(pages.flat()).toEqual(newestFirst);
      expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
    }
  });

  test('what is said while somebody pages does not disturb the pages', async () => {
    const log = await logOf('kt');
    const first = await deviceEventsPage(log, 'gate-1', { limit: 1 });
    const later = (await (await logOf('kttk')).readAll(null, 100)).slice(2);
    for (const { stream, id, type, data, meta } of later) {
      await log.append([{ stream, expectedRevision: 'any', events: [{ id, type, data, meta }] }]);
    }
    const second = await deviceEventsPage(log, 'gate-1', { limit: 10, cursor: first.next! });
    expect(second).toMatchObject({ events: [{ data: { second: 0 } }], next: null });
  });
});

test.each(['', 'abc', '5', '5.', '-1.2', '5.99999999999', '5.2147483648', 'x.x.x', '1e3.2'])(
  '%j is no cursor',
  (text) => {
    expect(deviceEventsCursor.safeParse(text).success).toBe(false);
  },
);
