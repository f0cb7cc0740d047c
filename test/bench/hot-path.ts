import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { decodeChecked } from '../../devices/decode-checked.ts';
import { type DeviceFact, facts } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import { genesisHash } from '../../services/event-log/chain.ts';
import type { StreamAppend } from '../../services/event-log/event-log.ts';
import { createDraftBytes, draftsOf } from '../../services/event-log/postgres/draft-bytes.ts';
import { connectWriter } from '../../services/event-log/postgres/log-writer.ts';
import { prepareGroup } from '../../services/event-log/postgres/prepare-group.ts';
import { serveWriter } from '../../services/event-log/postgres/serve-writer.ts';
import type { WriterSession } from '../../services/event-log/postgres/writer-session.ts';
import { createShelver, defaultRetentionDays } from '../../services/event-log/retention.ts';
import { type Draft, draftOf } from '../../services/event-log/stored-event.ts';
import { watchAppends } from '../../services/hub/append-watch.ts';
import { createHeartbeats } from '../../services/ingest/heartbeats.ts';
import { createIngest } from '../../services/ingest/ingest.ts';
import { createLevels } from '../../services/ingest/levels.ts';
import { noCounts } from '../../services/ingest/mqtt/counters.ts';
import { FrameReader } from '../../services/ingest/mqtt/frame-reader.ts';
import { mqttLimits } from '../../services/ingest/mqtt/limits.ts';
import type { MqttContext, MqttSession } from '../../services/ingest/mqtt/link.ts';
import { readPlainPublish } from '../../services/ingest/mqtt/publish-frame.ts';
import { PublishInbound, publishOf } from '../../services/ingest/mqtt/publish-inbound.ts';
import { UnderWay } from '../../services/ingest/mqtt/under-way.ts';
import { createMqttApplication } from '../../services/ingest/mqtt-application.ts';
import { type Origin, planFacts } from '../../services/ingest/plan.ts';
import { createQuotas } from '../../services/ingest/quota.ts';
import { createRegistryIndex, type RegisteredDevice } from '../../services/registry/registry-index.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { promised } from '../../services/runtime/waiting.ts';
import { canonicalMessage, compound, deviceId } from './bench-devices.ts';
import { publishTemplate, setTime, writePublish } from './load/packet-writer.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';

/** Messages of one connection that arrive together, as the load of `hub` sends them. */
const inFlight = 40;
const messages = 8_000;
/** Enough for the compiler and the garbage collector to be as they are after an hour. */
const messagesOfAll = 40_000;
/** What a commit takes from the server, so that as much is in flight as under load. */
const commitMs = 20;

const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
const canonical = dialects.get('canonical')!;

const gate = (nth: number): RegisteredDevice => ({
  id: deviceId(nth),
  ...{ compound, kind: 'access-gate', dialect: 'canonical', name: deviceId(nth) },
  ...{ covers: [], features: [], adopted: false, registeredAt: '2026-01-01T00:00:00.000Z', retiredAt: null },
});

const indexOf = (devices: RegisteredDevice[]) => {
  const index = createRegistryIndex();
  const known = { id: compound, name: compound, profile: 'new' as const, households: 100, timeZone: 'Asia/Shanghai' };
  index.load({
    compounds: [{ ...known, figures: {}, buildings: [], positions: [] }],
    devices,
    credentials: [],
    revisions: [],
  });
  return index;
};

/** One chunk of a connection after the other, in turn, each message with its own number. */
const createChunks = (connections: number) => {
  const templates = Array.from({ length: connections }, (_, nth) =>
    publishTemplate(canonicalMessage(deviceId(nth)), 5),
  );
  let count = 0;
  return (connection: number): Buffer => {
    const template = templates[connection]!;
    setTime(template, isoTime(systemClock.now()));
    const chunk = Buffer.allocUnsafe(template.bytes.length * inFlight);
    let at = 0;
    for (let nth = 0; nth < inFlight; nth += 1) {
      count += 1;
      at = writePublish(template, chunk, at, 1 + (count % 60_000), count);
    }
    return chunk;
  };
};

/** A writer's session whose server does nothing but let it wait. */
const sessionWithoutServer = (wait: () => Promise<unknown>): WriterSession => ({
  epoch: 1,
  head: { position: 0, hash: genesisHash },
  revisionsOf: async () => new Map(),
  positionsOf: async () => new Map(),
  placeOf: createShelver(defaultRetentionDays),
  commit: async () => void (await wait()),
  isBroken: () => false,
  close: async () => {},
});

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const perMessage = async (work: () => unknown, count = messages): Promise<number> => {
  const before = cpuMicros();
  await work();
  return (cpuMicros() - before) / count;
};

/** Everything between the socket and the server, as the hub puts it together; nothing is written to either. */
const createWhole = async (connections: number, wait: () => Promise<unknown> = () => sleep(commitMs)) => {
  const index = indexOf(Array.from({ length: connections }, (_, nth) => gate(nth)));
  const metrics = createMetrics();
  const { port1, port2 } = new MessageChannel();
  const openSession = async () => sessionWithoutServer(wait);
  void serveWriter(port2, { openSession, clock: systemClock }, () => port2.close());
  const writer = await connectWriter(port1, () => {});
  const { log } = watchAppends(
    {
      append: (batch) => promised((waiting) => writer.submit(batch, waiting)),
      submit: writer.submit,
      ...{ readStream: async () => [], readAll: async () => [], head: async () => ({ position: null, hash: '' }) },
      async *subscribe() {},
      close: writer.close,
    },
    systemClock,
  );
  const levels = createLevels();
  const ingest = createIngest({
    ...{ log, index, dialects, levels, metrics, clock: systemClock },
    pseudonymizer: { key: () => undefined, load: async () => {} },
    payloads: {
      ...{ put: async () => {}, receivedAtMs: async () => undefined },
      ...{ get: async () => undefined, beginnings: async () => new Map(), expire: async () => {} },
    },
    memory: { recall: () => undefined, remember: () => ({ store: async () => {}, undo() {} }) },
    rawMessages: { keep() {} },
  });
  const context: MqttContext = {
    application: createMqttApplication({
      ...{ ingest, index, levels, dialects, metrics, clock: systemClock, logger: createLogger('warn') },
      quotas: createQuotas({ messagesPerSecond: 0, log, metrics, failed() {} }),
      verifyAccount: async () => undefined,
      deliver() {},
      answer() {},
    }),
    limits: mqttLimits(),
    clock: systemClock,
    counters: noCounts(),
    underWay: new UnderWay(mqttLimits()),
    throttled: { messages: 0, bytes: 0 },
    failed: (error) => {
      throw error;
    },
  };
  const readers = Array.from({ length: connections }, (_, nth) => {
    const session: MqttSession = {
      principal: { kind: 'device', id: deviceId(nth), compound },
      info: { remoteAddress: '', clientId: deviceId(nth), protocolVersion: 5 },
      ...{ keepaliveSeconds: 0, wantsProblems: true, expirySeconds: 0, clean: true },
      ...{ clientPacketBytesMax: 2 ** 28, clientReceiveMaximum: 100 },
    };
    const frames = new FrameReader(context.limits.packetBytesMax);
    const link = { bufferedBytes: 0, send() {}, end() {}, answered() {} };
    const received = { committing: new Map(), awaitingRelease: new Set<number>() };
    return { frames, inbound: new PublishInbound(context, session, link, received) };
  });
  const read = async (connection: number, chunk: Buffer): Promise<void> => {
    const { frames, inbound } = readers[connection]!;
    await inbound.drained();
    const receivedAtMs = systemClock.now();
    frames.push(chunk);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      inbound.publish(readPlainPublish(frame, 5)!, receivedAtMs);
    }
    await inbound.drained();
  };
  return { index, levels, read, close: writer.close };
};

/** The way of a message in steps, each by itself over messages that the step before has made. */
const steps = async (connections: number, note: (name: string, micros: number) => void): Promise<void> => {
  const chunkOf = createChunks(connections);
  const chunks = Array.from({ length: messages / inFlight }, (_, nth) => chunkOf(nth % connections));
  const { index, levels, close } = await createWhole(connections);
  const receivedAtMs = systemClock.now();
  const planParts = { index, levels, pending: new Map(), isHeartbeatDue: createHeartbeats().isDue };
  const published: ReturnType<typeof publishOf>[] = [];
  note(
    'frame and PUBLISH',
    await perMessage(() => {
      const frames = new FrameReader(2 ** 20);
      for (const chunk of chunks) {
        frames.push(chunk);
        for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
          published.push(publishOf(readPlainPublish(frame, 5)!, receivedAtMs));
        }
      }
    }),
  );
  const decoded: DeviceFact[][] = [];
  note(
    'decode and contract',
    await perMessage(() => {
      for (const message of published) {
        const said = decodeChecked(canonical, { ...message, timeZone: 'Asia/Shanghai' }, () => undefined);
        decoded.push(said.outcome === 'facts' ? said.facts : (facts() as { facts: DeviceFact[] }).facts);
      }
    }),
  );
  const batches: StreamAppend[][] = [];
  note(
    'plan',
    await perMessage(() => {
      for (const [nth, said] of decoded.entries()) {
        const sender = index.device(deviceId(Math.floor(nth / inFlight) % connections))!;
        const origin: Origin = { sender, dialect: canonical, receivedAtMs, contentHash: '', replayed: false };
        const plan = planFacts(planParts, origin, said);
        if ('outcome' in plan) throw new Error(plan.outcome);
        batches.push(plan.appends);
      }
    }),
  );
  const drafts: Draft[] = [];
  note(
    'JSON text',
    await perMessage(() => {
      for (const batch of batches) drafts.push(draftOf(batch));
    }),
  );
  const bytes = createDraftBytes();
  const sent: ReturnType<typeof bytes.take>[] = [];
  note(
    'bytes for the writer',
    await perMessage(() => {
      for (let first = 0; first < drafts.length; first += 2_000) {
        for (const draft of drafts.slice(first, first + 2_000)) bytes.add(draft);
        sent.push(bytes.take());
      }
    }),
  );
  const placeOf = createShelver(defaultRetentionDays);
  note(
    'positions, rows and seal',
    await perMessage(() => {
      for (const group of sent) {
        prepareGroup({ position: 0, hash: genesisHash, revisionOf: () => -1 }, draftsOf(group), placeOf, receivedAtMs);
      }
    }),
  );
  await close();
};

/** What is still there after the garbage collector has looked everywhere. */
const createHeapBytes = (): (() => number) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
};

/** What of a message waits in the heap for its commit: the collector copies it, so it is processor time too. */
const keptBytes = async (connections: number): Promise<number> => {
  const heapBytes = createHeapBytes();
  const server = { answers: sleep(0) as Promise<unknown> };
  const whole = await createWhole(connections, () => server.answers);
  const chunkOf = createChunks(connections);
  const readAll = () => Promise.all(Array.from({ length: connections }, (_, nth) => whole.read(nth, chunkOf(nth))));
  await readAll();
  let answer = (): void => {};
  server.answers = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const before = heapBytes();
  const reading = readAll();
  await sleep(commitMs);
  const kept = heapBytes() - before;
  answer();
  await reading;
  await whole.close();
  return kept / (connections * inFlight);
};

/** Every connection sends its share of so many messages, a chunk whenever the one before is answered. */
const sendAll = async (whole: Awaited<ReturnType<typeof createWhole>>, connections: number): Promise<void> => {
  const chunkOf = createChunks(connections);
  const perConnection = Math.ceil(messagesOfAll / connections / inFlight);
  const sending = Array.from({ length: connections }, async (_, connection) => {
    for (let nth = 0; nth < perConnection; nth += 1) await whole.read(connection, chunkOf(connection));
  });
  await Promise.all(sending);
};

/**
 * Processor time of the writer's thread per event, in steps and as a whole, garbage collection included, with neither
 * sockets nor a server: a gain of some hundredths shows on a machine that others use too.
 */
export const hotPath = async (options: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { connections, rounds } = options;
  const found = new Map<string, number[]>();
  const note = (name: string, micros: number): void => {
    found.set(name, [...(found.get(name) ?? []), micros]);
  };
  const whole = await createWhole(connections);
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round += 1) {
    await steps(connections, round === 0 ? () => {} : note);
    const micros = await perMessage(() => sendAll(whole, connections), messagesOfAll);
    if (round > 0) note('the whole way', micros);
  }
  await whole.close();
  for (const [name, values] of found) emit(resultOf(`hot path: ${name}`, 'CPU µs/event', values));
  const kept: number[] = [];
  for (let round = 0; round < rounds; round += 1) kept.push(await keptBytes(connections));
  emit(resultOf('hot path: kept of a message until its commit', 'bytes', kept));
};
