import type { Clock } from '../../../services/runtime/clock.ts';
import type { LiveEvent } from './invalidations.ts';
import { createSseParser, type SseMessage } from './sse-parser.ts';

/** `reconnecting` is the moment after a cut; `broken` once the first try to mend it failed. */
export type LiveStatus = 'connecting' | 'open' | 'reconnecting' | 'broken';

export interface LiveState {
  status: LiveStatus;
  /** When the last message or heartbeat came, by the browser's clock; `null` before the first. */
  heardAtMs: number | null;
}

export interface LiveStream {
  start(): void;
  stop(): void;
  /** Try again now, whatever the waiting time. */
  retry(): void;
  state(): LiveState;
  subscribe(listener: () => void): () => void;
  /** The hub's time: the browser's clock, corrected by what the heartbeats say. */
  nowMs(): number;
}

export interface LiveStreamOptions {
  clock: Clock;
  fetch: typeof globalThis.fetch;
  onEvent(event: LiveEvent): void;
  /** After a cut: whatever was missed must be asked for. */
  onReopened(): void;
  /** The session has ended. */
  onUnauthorised(): void;
}

/** Heartbeats come at least every 10 s; two and a half of them missed is a dead line that nobody closed. */
export const silenceMaxMs = 25_000;
export const retryDelaysMs = [500, 1_000, 2_000, 4_000, 8_000];
/** Below this a difference of clocks is the network's delay, not a wrong clock. */
const clockDifferenceMinMs = 2_000;

const parsed = (data: string): unknown => {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
};
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** One connection: resolves when the stream ends, rejects when it breaks or falls silent. */
async function readStream(
  fetch: LiveStreamOptions['fetch'],
  lastId: string | null,
  controller: AbortController,
  on: { open(): void; message(message: SseMessage): void; unauthorised(): void },
): Promise<void> {
  let watchdog = setTimeout(() => controller.abort(), silenceMaxMs);
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (lastId !== null) headers['last-event-id'] = lastId;
    const response = await fetch('/api/live', { headers, cache: 'no-store', signal: controller.signal });
    if (response.status === 401) return on.unauthorised();
    if (!response.ok || response.body === null) return;
    on.open();
    const feed = createSseParser(on.message);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => controller.abort(), silenceMaxMs);
      feed(read.value);
    }
  } finally {
    clearTimeout(watchdog);
    controller.abort();
  }
}

export function createLiveStream({ clock, fetch, onEvent, onReopened, onUnauthorised }: LiveStreamOptions): LiveStream {
  let state: LiveState = { status: 'connecting', heardAtMs: null };
  let lastId: string | null = null;
  let attempt: AbortController | null = null;
  let stopped = true;
  let failures = 0;
  let everOpen = false;
  let differenceMs = 0;
  let wake: (() => void) | null = null;
  const listeners = new Set<() => void>();

  const change = (next: Partial<LiveState>): void => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };

  const onMessage = ({ event, id, data }: SseMessage): void => {
    if (id !== null && id !== '') lastId = id;
    const body = parsed(data);
    if (event === 'heartbeat') {
      const at = isRecord(body) && typeof body.at === 'string' ? Date.parse(body.at) : Number.NaN;
      const difference = at - clock.now();
      if (!Number.isNaN(difference)) differenceMs = Math.abs(difference) < clockDifferenceMinMs ? 0 : difference;
    } else {
      onEvent(isRecord(body) ? { ...body, type: event } : { type: event });
    }
    change({ heardAtMs: clock.now() });
  };

  const opened = (): void => {
    failures = 0;
    change({ status: 'open', heardAtMs: clock.now() });
    if (everOpen) onReopened();
    everOpen = true;
  };

  const listen = (): Promise<void> => {
    attempt = new AbortController();
    return readStream(fetch, lastId, attempt, { open: opened, message: onMessage, unauthorised: onUnauthorised });
  };

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopped) {
      await listen().catch(() => undefined);
      if (stopped) return;
      change({ status: failures === 0 && everOpen ? 'reconnecting' : 'broken' });
      const delayMs = retryDelaysMs[Math.min(failures, retryDelaysMs.length - 1)]!;
      failures += 1;
      await rest(delayMs);
    }
  };

  return {
    start() {
      if (!stopped) return;
      stopped = false;
      void run();
    },
    stop() {
      stopped = true;
      attempt?.abort();
      wake?.();
    },
    retry() {
      wake?.();
    },
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    nowMs: () => clock.now() + differenceMs,
  };
}
