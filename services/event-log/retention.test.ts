import { randomUUID } from 'node:crypto';
import { eventId } from './event-id.ts';
import { createShelver, isExpired, keptShelf, shelvesOfId } from './retention.ts';

const idAt = (instant: string, source = 'a'): string =>
  eventId({ occurredAtMs: Date.parse(instant), device: 'sensor-1', source });
const now = Date.parse('2026-11-21T12:00:00Z');
const placeOf = (stream: string, id: string, nowMs = now, retentionDays = 400) =>
  createShelver(retentionDays)(stream, id, nowMs);

describe('the shelf of an event', () => {
  test.each([
    ['telemetry stands with the month of its id', 'telemetry-a', '2026-11-21T11:59:00Z', '2026-11'],
    ['a month begins in UTC', 'telemetry-a', '2026-11-01T00:00:00Z', '2026-11'],
    ['and ends there', 'telemetry-a', '2026-10-31T23:59:59.999Z', '2026-10'],
    ['what comes late has its own month', 'telemetry-a', '2025-12-01T00:00:00Z', '2025-12'],
    ['a clock that is ahead has the next month', 'telemetry-a', '2026-12-31T00:00:00Z', '2026-12'],
    ['one that is far ahead makes no shelf', 'telemetry-a', '2027-01-01T00:00:00Z', keptShelf],
    ['nor one that is far behind', 'telemetry-a', '1970-01-01T00:00:00Z', keptShelf],
    ['what a device says of itself is kept', 'device-a', '2026-11-21T11:59:00Z', keptShelf],
    ['so is an order', 'work-order-a', '2026-11-21T11:59:00Z', keptShelf],
  ])('%s', (_name, stream, instant, shelf) => {
    expect(placeOf(stream, idAt(instant)).shelf).toBe(shelf);
  });

  test('an id without an instant is kept', () => {
    expect(placeOf('telemetry-a', randomUUID())).toEqual({ shelf: keptShelf, mayStandElsewhere: false });
  });

  test('nothing is put onto a shelf that may be dropped: every month is open or expired, and for a day neither', () => {
    for (let day = 0; day < 900; day += 1) {
      const nowMs = Date.parse('2025-01-01T00:00:00Z') + day * 86_400_000;
      const month = '2024-06';
      const isOpen = placeOf('telemetry-a', idAt('2024-06-30T23:00:00Z'), nowMs).shelf === month;
      expect([isOpen, isExpired(month, nowMs + 86_400_000 - 1, 400)]).not.toEqual([true, true]);
    }
  });

  test('an id that may have come to another shelf before is to be looked up, one of this month is not', () => {
    expect(placeOf('telemetry-a', idAt('2026-11-21T00:00:00Z')).mayStandElsewhere).toBe(false);
    expect(placeOf('telemetry-a', idAt('2026-12-01T00:00:00Z')).mayStandElsewhere).toBe(true);
    expect(placeOf('telemetry-a', idAt('2020-12-01T00:00:00Z')).mayStandElsewhere).toBe(true);
  });

  test('it can be found by the id alone', () => {
    for (const instant of ['1970-01-01T00:00:00Z', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'])
      expect(shelvesOfId(idAt(instant))).toContain(placeOf('telemetry-a', idAt(instant)).shelf);
    expect(shelvesOfId(randomUUID())).toEqual([keptShelf]);
    expect(shelvesOfId(eventId({ occurredAtMs: 2 ** 48 - 1, device: 'a', source: 'b' }))).toEqual([keptShelf]);
  });
});
