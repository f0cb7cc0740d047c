import { jest } from '@jest/globals';
import { calmDelayMs, createRefreshPump, secondLookMs, urgentDelayMs } from './refresh-pump.ts';

const orders = { urgent: [['orders']], calm: [] };
const lists = { urgent: [], calm: [['devices', 'list']] };

describe('refreshing in batches', () => {
  beforeEach(() => jest.useFakeTimers({ now: 0 }));
  afterEach(() => jest.useRealTimers());

  const pumpWith = (tookMs: number) => {
    const calls: { atMs: number; keys: string[] }[] = [];
    let running = 0;
    let most = 0;
    const clock = { now: () => performance.now() };
    const pump = createRefreshPump(clock, async (keys) => {
      calls.push({ atMs: Math.round(clock.now()), keys: keys.map((key) => key.join('/')) });
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      running -= 1;
    });
    return { pump, calls, most: () => most };
  };

  test('a burst is one refresh soon and one second look', async () => {
    const { pump, calls } = pumpWith(10);
    for (let i = 0; i < 50; i += 1) pump.add(orders);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(calls.map(({ keys }) => keys)).toEqual([['orders'], ['orders']]);
    expect(calls[0]!.atMs).toBeGreaterThanOrEqual(urgentDelayMs);
    expect(calls[1]!.atMs).toBeGreaterThanOrEqual(secondLookMs);
    // A change is visible within a second, the request itself included.
    expect(calls[1]!.atMs).toBeLessThan(700);
  });

  test('measurements wait for the calmer beat', async () => {
    const { pump, calls } = pumpWith(10);
    pump.add(lists);
    await jest.advanceTimersByTimeAsync(calmDelayMs - 1);
    expect(calls).toEqual([]);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(calls).toHaveLength(1);
  });

  test('a slow hub under a flood is asked once at a time and left to breathe', async () => {
    const { pump, calls, most } = pumpWith(400);
    for (let atMs = 0; atMs < 8_000; atMs += 50) {
      pump.add(orders);
      await jest.advanceTimersByTimeAsync(50);
    }
    expect(most()).toBe(1);
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.length).toBeLessThanOrEqual(11);
  });

  test('a refresh that fails does not stop the next', async () => {
    let count = 0;
    const pump = createRefreshPump({ now: () => performance.now() }, async () => {
      count += 1;
      throw new Error('hub away');
    });
    pump.add(orders);
    await jest.advanceTimersByTimeAsync(300);
    pump.add(orders);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(count).toBeGreaterThanOrEqual(3);
  });
});
