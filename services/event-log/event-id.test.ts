import fc from 'fast-check';
import { eventId } from './event-id.ts';

const of = { occurredAtMs: Date.parse('2026-03-01T00:00:00Z'), device: 'gate-1', source: 'seq-7/0' };

describe('eventId', () => {
  test('is a UUID of version 8 and variant 10, the milliseconds in front', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        fc.string(),
        fc.string(),
        (occurredAtMs, device, source) => {
          const id = eventId({ occurredAtMs, device, source });
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
          expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(occurredAtMs);
        },
      ),
    );
  });

  test('the same message gives the same id, also in the next version of the hub', () => {
    expect(eventId(of)).toBe(eventId({ ...of }));
    expect(eventId(of)).toBe('019ca6b1-dc00-8307-9730-f4f1c5ea9344');
  });

  test.each([
    ['another instant', { ...of, occurredAtMs: of.occurredAtMs + 1 }],
    ['another device', { ...of, device: 'gate-2' }],
    ['another source', { ...of, source: 'seq-7/1' }],
    ['a boundary moved between device and source', { ...of, device: 'gate-', source: '1seq-7/0' }],
  ])('%s gives another id', (_name, other) => {
    expect(eventId(other)).not.toBe(eventId(of));
  });

  test('ids sort by time', () => {
    const ids = [5, 1, 4_000_000_000_000, 70_000].map((occurredAtMs) => eventId({ ...of, occurredAtMs }));
    expect(ids.toSorted()).toEqual([ids[1], ids[0], ids[3], ids[2]]);
  });

  test('an instant outside 48 bits is clamped, no number is refused', () => {
    expect(eventId({ ...of, occurredAtMs: -5 })).toMatch(/^00000000-0000-8/);
    expect(eventId({ ...of, occurredAtMs: 2 ** 60 })).toMatch(/^ffffffff-ffff-8/);
    expect(() => eventId({ ...of, occurredAtMs: Number.NaN })).toThrow(RangeError);
  });
});
