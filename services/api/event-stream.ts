import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';

const heartbeatMs = 5_000;

/** The narrow part of a response that a stream writes to. */
export interface StreamSink {
  write(chunk: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** What a controller needs of the response to stream through it. */
export interface StreamResponse extends StreamSink {
  writeHead(status: number, headers: Record<string, string>): void;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  flushHeaders(): void;
  end(): void;
}

/** Begins server-sent events. The answer is aborted when the reader goes or the hub closes. */
export const startEventStream = (response: StreamResponse, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  return AbortSignal.any([gone.signal, closing]);
};

/** Heartbeats, so that the page knows how fresh the stream is. The answer ends them. */
export const keepBeating = (sink: StreamSink, clock: Clock): (() => void) => {
  const beat = (): void =>
    void sink.write(`event: heartbeat\ndata: ${JSON.stringify({ at: isoTime(clock.now()) })}\n\n`);
  beat();
  const timer = setInterval(beat, heartbeatMs);
  return () => clearInterval(timer);
};
