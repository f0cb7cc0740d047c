import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { systemClock } from '../../../services/runtime/clock.ts';
import { forgetSession } from '../api/queries.ts';
import { queryKeys } from '../api/query-keys.ts';
import { invalidationsOf } from './invalidations.ts';
import { createLiveStream, type LiveState, type LiveStream } from './live-stream.ts';
import { createRefreshPump } from './refresh-pump.ts';

const LiveContext = createContext<LiveStream | null>(null);

/** Opens the stream for as long as somebody is logged in and lets its messages refresh the cached answers. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [stream, setStream] = useState<LiveStream | null>(null);
  useEffect(() => {
    const pump = createRefreshPump(systemClock, (keys) =>
      Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey: [...queryKey] }))),
    );
    const live = createLiveStream({
      clock: systemClock,
      fetch: (input, init) => fetch(input, init),
      onEvent: (event) => pump.add(invalidationsOf(event)),
      onReopened: () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== queryKeys.me[0] }),
      onUnauthorised: () => forgetSession(client),
    });
    setStream(live);
    live.start();
    return () => {
      live.stop();
      pump.stop();
    };
  }, [client]);
  return stream === null ? null : <LiveContext.Provider value={stream}>{children}</LiveContext.Provider>;
}

function useStream(): LiveStream {
  const stream = useContext(LiveContext);
  if (stream === null) throw new Error('useStream outside LiveProvider');
  return stream;
}

export function useLiveState(): LiveState & { retry(): void } {
  const stream = useStream();
  const state = useSyncExternalStore(stream.subscribe, stream.state);
  return { ...state, retry: stream.retry };
}

/** The hub's time in whole seconds, renewed every `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const stream = useStream();
  const read = () => Math.floor(stream.nowMs() / everyMs) * everyMs;
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(stream.nowMs() / everyMs) * everyMs), everyMs);
    return () => clearInterval(timer);
  }, [stream, everyMs]);
  return now;
}
