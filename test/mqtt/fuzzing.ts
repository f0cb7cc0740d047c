import { connect } from 'node:net';
import fc from 'fast-check';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Harness, startHarness } from '../../services/ingest/mqtt/mqtt-harness.ts';
import { stream } from './mutations.ts';

export interface FuzzResult {
  seed: number;
  streams: number;
  bytes: number;
  /** How far the streams came. */
  letIn: number;
  published: number;
  /** Messages of the healthy clients beside, each acknowledged. */
  healthy: number;
  /** Defects: what the endpoint itself reports, unhandled rejections, a healthy client that was disturbed. */
  troubles: string[];
  /** After a garbage collection where there is one, every 2,000 streams. */
  heapMegabytes: number[];
}

const besideCount = 3;
const atOnce = 32;
/** How long a stream is left open without an answer, and after the last one. */
const unheardMs = 300;
const heardMs = 20;
const answerMsMax = 20_000;

/** In turns of the loop that the hub has too: where this process comes to nothing, nobody has waited. */
const afterTurns = (ms: number, done: () => void): (() => void) => {
  let timer: NodeJS.Timeout;
  const wait = (restMs: number): void => {
    timer = setTimeout(() => (restMs > 10 ? wait(restMs - 10) : done()), 10);
  };
  wait(ms);
  return () => clearTimeout(timer);
};

/** Says the chunks and hangs up once the hub has, or after a moment. */
const say = (port: number, chunks: Buffer[]): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let endStay = afterTurns(unheardMs, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', () => {
      endStay();
      endStay = afterTurns(heardMs, () => socket.destroy());
    });
    socket.on('close', () => {
      endStay();
      resolve();
    });
    for (const chunk of chunks) socket.write(chunk);
    if (chunks.length === 0) socket.destroy();
  });

/** Clients that publish without a pause and must never notice. */
const startHealthy = async (hub: Harness, troubles: string[]) => {
  let acknowledged = 0;
  let running = true;
  const clients = await Promise.all(
    Array.from({ length: besideCount }, (_, index) =>
      connectAsync(hub.url, {
        ...{ clientId: `healthy-${index}`, username: `healthy-${index}`, password: 'right' },
        ...{ reconnectPeriod: 0, keepalive: 5, protocolVersion: index % 2 === 0 ? (5 as const) : (4 as const) },
      }),
    ),
  );
  const publishOn = async (client: MqttClient): Promise<void> => {
    client.on('close', () => running && troubles.push(`${client.options.clientId} was disconnected`));
    while (running && client.connected) {
      const late = setTimeout(() => troubles.push(`${client.options.clientId} had no answer for long`), answerMsMax);
      await client.publishAsync('xy/v1/c/healthy/events', '{}', { qos: 1 }).catch((error: Error) => {
        if (running) troubles.push(`${client.options.clientId}: ${error.message}`);
      });
      clearTimeout(late);
      acknowledged += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const publishing = clients.map(publishOn);
  return async (): Promise<number> => {
    running = false;
    await Promise.all(publishing);
    await Promise.all(clients.map((client) => client.endAsync(true)));
    return acknowledged;
  };
};

const heapMegabytes = (): number => {
  globalThis.gc?.();
  return Math.round((process.memoryUsage().heapUsed / 1_048_576) * 10) / 10;
};

/** Sends made-up and damaged streams at an endpoint until `isOver`; the same seed makes the same streams. */
export const fuzz = async (seed: number, isOver: (streams: number) => boolean): Promise<FuzzResult> => {
  const troubles: string[] = [];
  const onTrouble = (error: unknown): void => void troubles.push(`unhandled: ${String(error)}`);
  process.on('unhandledRejection', onTrouble);
  const hub = await startHarness({ sessionsKeptMax: 200, lingerTimeoutMs: 100, connectTimeoutMs: 2_000 });
  // The harness keeps every message; here that would be the leak.
  hub.application.publish = (_principal, { payload }, waiting) =>
    waiting.done(
      payload.length % 7 === 3
        ? { outcome: 'refused', code: 'broken-json', reason: 'made up', reasonCode: 0x99 }
        : { outcome: 'recorded', position: '1' },
    );
  hub.application.rejected = async () => undefined;
  hub.application.connected = async () => undefined;
  hub.application.disconnected = async () => undefined;
  hub.application.keeps = [{ topic: 'a/b', payload: 'kept' }];
  const stopHealthy = await startHealthy(hub, troubles);
  const result: FuzzResult = {
    seed,
    streams: 0,
    bytes: 0,
    letIn: 0,
    published: 0,
    healthy: 0,
    troubles,
    heapMegabytes: [],
  };
  for (let round = 0; !isOver(result.streams); round += 1) {
    const streams = fc.sample(stream, { seed: seed + round, numRuns: atOnce });
    await Promise.all(streams.map((chunks) => say(hub.port, chunks)));
    hub.server.deliver('a/b', 'said by the hub', { qos: 1 });
    result.streams += streams.length;
    result.bytes += streams.flat().reduce((sum, { length }) => sum + length, 0);
    if (result.streams % 2_000 < atOnce) result.heapMegabytes.push(heapMegabytes());
    if (troubles.length > 10) break;
  }
  result.healthy = await stopHealthy();
  result.letIn = hub.server.counters.connectionsAccepted - besideCount;
  result.published = hub.server.counters.publishesReceived - result.healthy;
  await hub.close();
  process.off('unhandledRejection', onTrouble);
  troubles.push(...hub.failures);
  return result;
};
