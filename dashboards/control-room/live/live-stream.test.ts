import { jest } from '@jest/globals';
import type { LiveEvent } from './invalidations.ts';
import { createLiveStream, silenceMaxMs } from './live-stream.ts';

type Line = { send(text: string): void; cut(): void; headers: Record<string, string> };

/** A hub whose lines the test holds in its hand; `refuse` makes it unreachable. */
const hub = () => {
  const lines: Line[] = [];
  const behaviour = { refuse: false, status: 200 };
  const fetch = async (_path: unknown, init?: RequestInit): Promise<Response> => {
    if (behaviour.refuse) throw new TypeError('fetch failed');
    if (behaviour.status !== 200) return new Response(null, { status: behaviour.status });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        lines.push({
          headers: init?.headers as Record<string, string>,
          send: (text) => controller.enqueue(new TextEncoder().encode(text)),
          cut: () => controller.error(new Error('cut')),
        });
        init?.signal?.addEventListener('abort', () => {
          try {
            controller.error(new Error('aborted'));
          } catch {
            // The line is already gone.
          }
        });
      },
    });
    return new Response(body);
  };
  return { lines, behaviour, fetch };
};

const settle = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

describe('the live stream', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_000_000, doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  const setUp = () => {
    const world = hub();
    const events: LiveEvent[] = [];
    const calls = { reopened: 0, unauthorised: 0 };
    let startedAt = performance.now();
    const stream = createLiveStream({
      clock: { now: () => 1_000_000 + performance.now() - startedAt },
      fetch: world.fetch as typeof globalThis.fetch,
      onEvent: (event) => events.push(event),
      onReopened: () => {
        calls.reopened += 1;
      },
      onUnauthorised: () => {
        calls.unauthorised += 1;
      },
    });
    startedAt = performance.now();
    stream.start();
    return { ...world, stream, events, calls };
  };
  const flush = async () => {
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  test('events of any name arrive, a cut is mended from the last position', async () => {
    const { lines, stream, events, calls } = setUp();
    await flush();
    expect(stream.state().status).toBe('open');
    lines[0]!.send('event: lift.stopped\nid: 41\ndata: {"meta":{"device":"lift-1"}}\n\n');
    await flush();
    expect(events).toEqual([{ type: 'lift.stopped', meta: { device: 'lift-1' } }]);

    lines[0]!.cut();
    await flush();
    expect(stream.state().status).toBe('reconnecting');
    await settle(600);
    await flush();
    expect(stream.state().status).toBe('open');
    expect(lines[1]!.headers['last-event-id']).toBe('41');
    expect(calls.reopened).toBe(1);
    stream.stop();
  });

  test('a hub that is away is `broken` until it answers', async () => {
    const { lines, behaviour, stream } = setUp();
    await flush();
    behaviour.refuse = true;
    lines[0]!.cut();
    await flush();
    await settle(600);
    await flush();
    expect(stream.state().status).toBe('broken');
    behaviour.refuse = false;
    stream.retry();
    await flush();
    expect(stream.state().status).toBe('open');
    stream.stop();
  });

  test('silence is a dead line', async () => {
    const { lines, stream } = setUp();
    await flush();
    await settle(silenceMaxMs + 10);
    await flush();
    expect(stream.state().status).toBe('reconnecting');
    await settle(600);
    await flush();
    expect(lines).toHaveLength(2);
    stream.stop();
  });

  test('the heartbeat corrects a wrong clock, a broken one does not', async () => {
    const { lines, stream } = setUp();
    await flush();
    lines[0]!.send('event: heartbeat\ndata: {"at":"nonsense"}\n\n');
    await flush();
    expect(Math.abs(stream.nowMs() - 1_000_000)).toBeLessThan(500);
    lines[0]!.send(`event: heartbeat\ndata: {"at":"${new Date(1_600_000).toISOString()}"}\n\n`);
    await flush();
    expect(Math.abs(stream.nowMs() - 1_600_000)).toBeLessThan(500);
    stream.stop();
  });

  test('an ended session is told', async () => {
    const { behaviour, stream, calls, lines } = setUp();
    await flush();
    behaviour.status = 401;
    lines[0]!.cut();
    await flush();
    await settle(600);
    await flush();
    expect(calls.unauthorised).toBe(1);
    stream.stop();
  });
});
