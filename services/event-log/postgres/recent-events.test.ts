import type { Wants } from '../event-log.ts';
import type { StoredEvent } from '../stored-event.ts';
import { type Commit, createRecentEvents } from './recent-events.ts';
import { rowsAndLeavesOf } from './stored-event-for-tests.ts';

const stored = (position: number, type: string, data: unknown): StoredEvent => ({
  position,
  stream: 'device-g1',
  revision: position - 1,
  id: `00000000-0000-8000-8000-${String(position).padStart(12, '0')}`,
  type,
  data: JSON.stringify(data),
  meta: '{}',
});

const commitOf = (events: StoredEvent[]): Commit => ({
  firstPosition: events[0]!.position,
  lastPosition: events.at(-1)!.position,
  types: new Set(events.map(({ type }) => type)),
  rows: rowsAndLeavesOf(events).rows,
});

/** One commit of passages, but for the positions that say something else. */
const commit = (first: number, last: number, others: Record<number, string> = {}): Commit =>
  commitOf(
    Array.from({ length: last - first + 1 }, (_, index) =>
      stored(first + index, others[first + index] ?? 'gate.passed', { position: first + index }),
    ),
  );

const positions = (events: { position: string }[] | undefined): number[] | undefined =>
  events?.map(({ position }) => Number(position));

describe('recent events', () => {
  test('hands out what follows a position, in order, at most so many', () => {
    const recent = createRecentEvents();
    recent.add(commit(5, 7));
    recent.add(commit(8, 9));
    expect(positions(recent.after(4, 100))).toEqual([5, 6, 7, 8, 9]);
    expect(positions(recent.after(6, 2))).toEqual([7, 8]);
    expect(positions(recent.after(5, 1))).toEqual([6]);
  });

  test('knows nothing before its first event nor after its last', () => {
    const recent = createRecentEvents();
    expect(recent.after(0, 10)).toBeUndefined();
    recent.add(commit(5, 7));
    expect(recent.after(3, 10)).toBeUndefined();
    expect(recent.after(7, 10)).toBeUndefined();
  });

  test('starts anew after a commit that it did not see', () => {
    const recent = createRecentEvents();
    recent.add(commit(1, 3));
    recent.add(commit(6, 7));
    expect(recent.after(3, 10)).toBeUndefined();
    expect(positions(recent.after(5, 10))).toEqual([6, 7]);
  });

  test('keeps the newest within its bounds', () => {
    const recent = createRecentEvents();
    recent.add(commit(1, 2));
    recent.add(commitOf([stored(3, 'gate.passed', 'x'.repeat(20_000_000))]));
    expect(positions(recent.after(0, 1))).toEqual([1]);
    recent.add(commitOf([stored(4, 'gate.passed', 'x'.repeat(20_000_000))]));
    expect(recent.after(2, 1)).toBeUndefined();
    expect(positions(recent.after(3, 1))).toEqual([4]);
  });

  test('gives every reader the same parsed event', () => {
    const recent = createRecentEvents();
    recent.add(commit(1, 1));
    expect(recent.after(0, 1)![0]).toBe(recent.after(0, 1)![0]);
    expect(recent.after(0, 1)![0]!.data).toEqual({ position: 1 });
  });

  test('parses data of the types that a reader opens, and of no other', () => {
    const recent = createRecentEvents();
    recent.add(commit(1, 2, { 2: 'device.connected' }));
    const dataOf = (wants?: Wants) => recent.after(0, 10, wants)?.map(({ data }) => data);
    const [first, second] = [{ position: 1 }, { position: 2 }];
    expect(dataOf(() => 'envelope')).toEqual([undefined, undefined]);
    expect(dataOf((type) => type === 'device.connected')).toEqual([second]);
    expect(dataOf((type) => type === 'gate.passed')?.[0]).toEqual(first);
    expect(dataOf()).toEqual([first, second]);
  });

  test('leaves out what a reader does not look at, but for the newest, which says how far it has come', () => {
    const recent = createRecentEvents();
    const wants = (type: string): boolean => type.startsWith('device.');
    recent.add(commit(1, 3));
    expect(positions(recent.after(0, 100, wants))).toEqual([3]);
    recent.add(commit(4, 7, { 5: 'device.fault-raised', 7: 'device.connected' }));
    recent.add(commit(8, 9));
    expect(positions(recent.after(0, 100, wants))).toEqual([5, 7, 9]);
    expect(positions(recent.after(5, 100, wants))).toEqual([7, 9]);
    // Full, it says how far it read: nothing wanted before that is left behind.
    expect(positions(recent.after(0, 2, wants))).toEqual([5, 7]);
    expect(positions(recent.after(7, 2, wants))).toEqual([9]);
  });
});
