import type { StoredEvent } from '../stored-event.ts';
import { createRecentEvents } from './recent-events.ts';

const stored = (position: number, data: unknown = { position }): StoredEvent => ({
  position,
  stream: 'device-g1',
  revision: position - 1,
  id: `00000000-0000-8000-8000-${String(position).padStart(12, '0')}`,
  type: 'gate.passed',
  data: JSON.stringify(data),
  meta: '{}',
});

const range = (first: number, last: number): StoredEvent[] =>
  Array.from({ length: last - first + 1 }, (_, index) => stored(first + index));

const positions = (events: { position: string }[] | undefined): number[] | undefined =>
  events?.map(({ position }) => Number(position));

describe('recent events', () => {
  test('hands out what follows a position, in order, at most so many', () => {
    const recent = createRecentEvents();
    recent.add(range(5, 7));
    recent.add(range(8, 9));
    expect(positions(recent.after(4, 100))).toEqual([5, 6, 7, 8, 9]);
    expect(positions(recent.after(6, 2))).toEqual([7, 8]);
  });

  test('knows nothing before its first event nor after its last', () => {
    const recent = createRecentEvents();
    expect(recent.after(0, 10)).toBeUndefined();
    recent.add(range(5, 7));
    expect(recent.after(3, 10)).toBeUndefined();
    expect(recent.after(7, 10)).toBeUndefined();
  });

  test('starts anew after a commit that it did not see', () => {
    const recent = createRecentEvents();
    recent.add(range(1, 3));
    recent.add(range(6, 7));
    expect(recent.after(3, 10)).toBeUndefined();
    expect(positions(recent.after(5, 10))).toEqual([6, 7]);
  });

  test('keeps the newest within its bounds', () => {
    const recent = createRecentEvents();
    recent.add(range(1, 60_000));
    expect(recent.after(39_999, 1)).toBeUndefined();
    expect(positions(recent.after(40_000, 1))).toEqual([40_001]);
    recent.add([stored(60_001, 'x'.repeat(15_000_000))]);
    expect(recent.after(50_000, 1)).toBeUndefined();
    expect(positions(recent.after(60_000, 1))).toEqual([60_001]);
  });

  test('gives every reader the same parsed event', () => {
    const recent = createRecentEvents();
    recent.add(range(1, 1));
    expect(recent.after(0, 1)![0]).toBe(recent.after(0, 1)![0]);
    expect(recent.after(0, 1)![0]!.data).toEqual({ position: 1 });
  });
});
