import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { batchAppend } from './double-append.ts';
import { manyAppends } from './double-append-many.ts';
import { failure, type Parts } from './double-parts.ts';
import { readRecords } from './double-read.ts';
import { createServerStore, type ServerStore } from './server-store.ts';
import { loadStubs, type Scheme, type Stubs } from './stubs.ts';

export interface DoubleOptions {
  scheme: Scheme;
  /** What it says of itself; from 25.1 on it takes appends to many streams in one call, from 26.1 on in records. */
  version?: string;
  /** Taken from the double before, as by a server that starts again on its files. */
  store?: ServerStore;
  port?: number;
  credentials?: ServerCredentials;
}

/** Answers that a server gives instead of what was asked to be read. */
const refusals = {
  'access-denied': [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
  'not-ready': [status.UNAVAILABLE, 'Server Is Not Ready'],
} as const;

const isFrom = (version: string, from: number): boolean => Number.parseFloat(version) >= from;

const addFeatures = (server: Server, { features }: Stubs, version: string): void => {
  const methods = [
    ['event_store.client.streams.streams', 'read'],
    ['event_store.client.streams.streams', 'batchappend'],
    ...(isFrom(version, 25.1) ? [['kurrentdb.protocol.v2.streams.streamsservice', 'appendsession']] : []),
    ...(isFrom(version, 26.1) ? [['kurrentdb.protocol.v2.streams.streamsservice', 'appendrecords']] : []),
  ];
  server.addService(features.ServerFeaturesService, {
    getSupportedMethods(_call: unknown, callback: (error: null, answer: SupportedMethods) => void) {
      const answer = new features.SupportedMethods().setEventStoreServerVersion(version);
      for (const [service, method] of methods) {
        answer.addMethods(new features.SupportedMethod().setServiceName(service!).setMethodName(method!));
      }
      callback(null, answer);
    },
  });
};

const refuse = (name: string) => (_call: unknown, callback: (error: Partial<ServiceError>) => void) =>
  callback(failure(status.UNIMPLEMENTED, `the double knows no ${name}`));

/** A server of gRPC on the stubs of the client under test: keeps streams, and misbehaves on request. */
export const startDouble = async (options: DoubleOptions) => {
  const { scheme, version = '23.10.8', store, port = 0, credentials = ServerCredentials.createInsecure() } = options;
  const stubs = await loadStubs(scheme);
  const parts: Parts = {
    stubs,
    store: store ?? createServerStore(),
    troubles: [],
    muteReads: { now: false },
    readError: { now: undefined },
    subscriptions: new Set(),
    calls: new Map(),
  };
  if (store === undefined) parts.store.addSystemRecord();
  const server = new Server({ 'grpc.max_receive_message_length': 16 * 1024 * 1024 });
  addFeatures(server, stubs, version);
  server.addService(stubs.streams.StreamsService, {
    read: readRecords(parts),
    batchAppend: batchAppend(parts),
    append: refuse('append'),
    delete: refuse('delete'),
    tombstone: refuse('tombstone'),
  });
  if (stubs.many !== undefined) server.addService(stubs.many.StreamsServiceService, manyAppends(parts));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, given) => (error ? reject(error) : resolve(given)));
  });
  return {
    url: `${scheme}://127.0.0.1:${bound}?tls=false&discoveryInterval=10`,
    port: bound,
    store: parts.store,
    troubles: parts.troubles,
    muteReads: parts.muteReads,
    refuseReads(reason: keyof typeof refusals | undefined): void {
      parts.readError.now = reason && failure(refusals[reason][0], refusals[reason][1]);
    },
    callsOf: (method: string): number => parts.calls.get(method) ?? 0,
    subscribers: (): number => parts.subscriptions.size,
    /** As the real server does with one that is slower than the writers. */
    dropSubscriptions(): void {
      for (const drop of [...parts.subscriptions]) {
        drop(failure(status.ABORTED, 'Operation timed out: Consumer too slow to handle event while live.'));
      }
    },
    /** At once, as by kill -9: what is under way is cut. */
    stop(): void {
      server.forceShutdown();
    },
  };
};

export type Double = Awaited<ReturnType<typeof startDouble>>;
