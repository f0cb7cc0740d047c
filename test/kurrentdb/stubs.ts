import type * as featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type * as features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type * as shared from '@eventstore/db-client/generated/shared_pb.js';
import type * as status from '@eventstore/db-client/generated/status_pb.js';
import type * as streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type * as streams from '@eventstore/db-client/generated/streams_pb.js';
import type * as manyGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import type * as many from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';

/** The messages and services that a client package ships, under the names of the older one. */
export interface Stubs {
  features: typeof features & typeof featuresGrpc;
  shared: typeof shared;
  status: typeof status;
  streams: typeof streams & typeof streamsGrpc;
  /** Appending to many streams in one call, of the newer package only. */
  many?: typeof many & typeof manyGrpc;
}

export type Scheme = 'esdb' | 'kurrentdb';

/** CommonJS under ESM: everything is in `default`, and only part of it has a name of its own. */
const merged = (...modules: object[]): object =>
  Object.assign({}, ...modules.map((module) => ('default' in module ? module.default : module)));

const eventStoreStubs = async (): Promise<Stubs> => {
  const shipped = {
    features: merged(
      await import('@eventstore/db-client/generated/serverfeatures_pb.js'),
      await import('@eventstore/db-client/generated/serverfeatures_grpc_pb.js'),
    ),
    shared: merged(await import('@eventstore/db-client/generated/shared_pb.js')),
    status: merged(await import('@eventstore/db-client/generated/status_pb.js')),
    streams: merged(
      await import('@eventstore/db-client/generated/streams_pb.js'),
      await import('@eventstore/db-client/generated/streams_grpc_pb.js'),
    ),
  };
  return shipped as Stubs;
};

const kurrentStubs = async (): Promise<Stubs> => {
  const shipped = {
    features: merged(
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js'),
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js'),
    ),
    shared: merged(await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js')),
    status: merged(await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js')),
    streams: merged(
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js'),
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js'),
    ),
    many: merged(
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js'),
      await import('@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js'),
    ),
  };
  return shipped as Stubs;
};

/** Of the package under test, and only of that one. */
export const loadStubs = (scheme: Scheme): Promise<Stubs> => (scheme === 'esdb' ? eventStoreStubs() : kurrentStubs());
