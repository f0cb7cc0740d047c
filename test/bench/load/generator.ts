import { setTimeout as sleep } from 'node:timers/promises';
import { isoTime, systemClock } from '../../../services/runtime/clock.ts';
import { createLatencyHistogram, type LatencySummary } from './latency-histogram.ts';
import { createLoadConnection, type Endpoint, type LoadConnection, type LoadDevice } from './load-connection.ts';

export interface RunOptions {
  seconds: number;
  /** Not counted; the load runs on from it without a pause. */
  warmUpSeconds: number;
  /** Open loop at this rate over all connections; left out, a closed loop that keeps `window` in flight on each. */
  ratePerSecond?: number;
  window?: number;
  /** Instead: so many more than `stored` was told at most, over all connections; for what acknowledges early. */
  aheadMax?: number;
  /** How long to wait at the end for what has no acknowledgement yet. */
  drainSeconds?: number;
}

export interface RunResult {
  seconds: number;
  /** Within the measured seconds. */
  acknowledged: number;
  ratePerSecond: number;
  /** Acknowledgements of the whole run, the warm-up and what came after the end included, by reason code. */
  byReasonCode: Record<string, number>;
  sent: number;
  acknowledgedInAll: number;
  /** Messages that had no acknowledgement `drainSeconds` after the end. */
  unanswered: number;
  lostConnections: number;
  /** From when a message was due (open loop) or handed to the socket (closed loop) to its acknowledgement. */
  latency: LatencySummary;
  /** What was due and never sent, because its connection had too much in flight. */
  unsent: number;
  cpuMicrosPerMessage: number;
}

export interface ConnectResult {
  connected: number;
  refused: string[];
  seconds: number;
}

const drainSecondsMax = 20;
const tickMs = 1;
const defaultWindow = 40;

interface State {
  connections: LoadConnection[];
  measuring: boolean;
  /** Refills a connection after an acknowledgement, in a closed loop. */
  refill: ((connection: LoadConnection) => void) | undefined;
  sent: number;
  acknowledged: number;
  acknowledgedInAll: number;
  /** As told from outside, of this run. */
  stored: number;
  lost: number;
  byReasonCode: Map<number, number>;
}

/** Messages that differ between runs: the number goes into each message's own id. */
const createNumbers = () => {
  let next = 0;
  return (count: number): number => {
    const first = next;
    next += count;
    return first;
  };
};

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Keeps `window` messages in flight: refills once per turn, so that what is acknowledged together leaves together. */
const closedLoop = (state: State, take: (count: number) => number, window: number) => {
  const waiting = new Set<LoadConnection>();
  const fill = (connection: LoadConnection): void => {
    const wanted = window - connection.inFlight;
    if (wanted <= 0) return;
    const nowMs = performance.now();
    state.sent += connection.publish(wanted, take(wanted), isoTime(systemClock.now()), () => nowMs);
  };
  const fillWaiting = (): void => {
    const due = [...waiting];
    waiting.clear();
    for (const connection of due) fill(connection);
  };
  state.refill = (connection) => {
    if (waiting.size === 0) setImmediate(fillWaiting);
    waiting.add(connection);
  };
  for (const connection of state.connections) fill(connection);
  return () => {
    state.refill = undefined;
    waiting.clear();
    return 0;
  };
};

/** Sends what is due on the connections in turn, whether or not anything was acknowledged. */
const openLoop = (state: State, take: (count: number) => number, ratePerSecond: number) => {
  const startMs = performance.now();
  const { connections } = state;
  let issued = 0;
  let unsent = 0;
  const tick = (): void => {
    const due = Math.floor(((performance.now() - startMs) * ratePerSecond) / 1000) - issued;
    if (due <= 0) return;
    const time = isoTime(systemClock.now());
    // Whole rows over the connections: one message of each, so that nobody is asked for more than its share.
    const perConnection = Math.ceil(due / connections.length);
    for (let left = due; left > 0; ) {
      const connection = connections[Math.floor(issued / perConnection) % connections.length]!;
      const wanted = Math.min(left, perConnection);
      const first = issued;
      const dueMs = (nth: number): number => startMs + ((first + nth) * 1000) / ratePerSecond;
      const published = connection.publish(wanted, take(wanted), time, dueMs);
      state.sent += published;
      unsent += wanted - published;
      issued += wanted;
      left -= wanted;
    }
  };
  const timer = setInterval(tick, tickMs);
  return () => {
    clearInterval(timer);
    return unsent;
  };
};

/** Stays `aheadMax` ahead of what is stored, as fast as that goes: no queue grows behind an early acknowledgement. */
const boundedLoop = (state: State, take: (count: number) => number, aheadMax: number) => {
  const { connections } = state;
  let turn = 0;
  const timer = setInterval(() => {
    const room = aheadMax - (state.sent - state.stored);
    if (room <= 0) return;
    const perConnection = Math.ceil(room / connections.length);
    const [nowMs, time] = [performance.now(), isoTime(systemClock.now())];
    for (let left = room; left > 0; left -= perConnection, turn += 1) {
      const wanted = Math.min(left, perConnection);
      const connection = connections[turn % connections.length]!;
      state.sent += connection.publish(wanted, take(wanted), time, () => nowMs);
    }
  }, tickMs);
  return () => {
    clearInterval(timer);
    return 0;
  };
};

const startLoop = (state: State, take: (count: number) => number, options: RunOptions): (() => number) => {
  if (options.aheadMax !== undefined) return boundedLoop(state, take, options.aheadMax);
  if (options.ratePerSecond !== undefined) return openLoop(state, take, options.ratePerSecond);
  return closedLoop(state, take, options.window ?? defaultWindow);
};

const drain = async (state: State, seconds: number): Promise<void> => {
  for (let waitedMs = 0; waitedMs < seconds * 1000; waitedMs += 20) {
    if (state.acknowledgedInAll >= state.sent) return;
    await sleep(20);
  }
};

/** Opens all connections, at most `atOnce` of them waiting for their CONNACK. */
const openAll = async (connections: readonly LoadConnection[], atOnce: number): Promise<ConnectResult> => {
  const startedMs = performance.now();
  const refused: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let connection = connections[next++]; connection !== undefined; connection = connections[next++]) {
      await connection.open().catch((error: Error) => refused.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, connections.length) }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  return { connected: connections.length - refused.length, refused: refused.slice(0, 5), seconds };
};

/** Many clients in one process; everything it does costs little against what it measures. */
export const createGenerator = (endpoint: Endpoint, devices: readonly LoadDevice[]) => {
  const histogram = createLatencyHistogram();
  const take = createNumbers();
  const state: State = {
    ...{ connections: [], measuring: false, refill: undefined, byReasonCode: new Map() },
    ...{ sent: 0, acknowledged: 0, acknowledgedInAll: 0, stored: 0, lost: 0 },
  };
  state.connections = devices.map((device) =>
    createLoadConnection(device, endpoint, {
      acknowledged(connection, sentMs, reasonCode) {
        state.acknowledgedInAll += 1;
        state.byReasonCode.set(reasonCode, (state.byReasonCode.get(reasonCode) ?? 0) + 1);
        if (state.measuring) {
          state.acknowledged += 1;
          histogram.add(performance.now() - sentMs);
        }
        state.refill?.(connection);
      },
      lost() {
        state.lost += 1;
      },
    }),
  );
  const pinging = setInterval(
    () => {
      for (const connection of state.connections) connection.ping();
    },
    (endpoint.keepaliveSeconds * 1000) / 2,
  );
  return {
    connect: (atOnce: number) => openAll(state.connections, atOnce),
    async run(options: RunOptions): Promise<RunResult> {
      Object.assign(state, { sent: 0, acknowledged: 0, acknowledgedInAll: 0, stored: 0, byReasonCode: new Map() });
      histogram.clear();
      const stop = startLoop(state, take, options);
      await sleep(options.warmUpSeconds * 1000);
      state.measuring = true;
      const [startMs, startCpu] = [performance.now(), cpuMicros()];
      await sleep(options.seconds * 1000);
      state.measuring = false;
      const seconds = (performance.now() - startMs) / 1000;
      const spentMicros = cpuMicros() - startCpu;
      const unsent = stop();
      const { acknowledged } = state;
      await drain(state, options.drainSeconds ?? drainSecondsMax);
      return {
        ...{ seconds, acknowledged, unsent, sent: state.sent, acknowledgedInAll: state.acknowledgedInAll },
        ratePerSecond: acknowledged / seconds,
        byReasonCode: Object.fromEntries(state.byReasonCode),
        unanswered: state.sent - state.acknowledgedInAll,
        lostConnections: state.lost,
        latency: histogram.summary(),
        cpuMicrosPerMessage: acknowledged === 0 ? 0 : spentMicros / acknowledged,
      };
    },
    stored(count: number): void {
      state.stored = count;
    },
    close(abruptly: boolean): void {
      for (const connection of state.connections) connection.close(abruptly);
    },
    end(): void {
      clearInterval(pinging);
      for (const connection of state.connections) connection.close();
    },
  };
};

export type Generator = ReturnType<typeof createGenerator>;
