import type { EventMeta, RecordedEvent } from '../../event-log/event.ts';
import { eventId } from '../../event-log/event-id.ts';
import { type Compound, compound, type Device, device } from '../../registry/registry.ts';
import type { Sql } from '../../runtime/sql.ts';
import { fold } from './fold.ts';
import type { CompoundPast } from './past.ts';
import { createDeviceMemory, gatewaysFirst, knownFrom } from './past-in-memory.ts';
import { starRatingProjection } from './projection.ts';

/** Writes events down as a log would, with a revision of its own for each stream. */
export const createStory = () => {
  const revisions = new Map<string, number>();
  /** Reached the hub at once, unless its meta says otherwise. */
  const event = (stream: string, type: string, when: string, data: object = {}, meta: Partial<EventMeta> = {}) => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const ofDevice = /^(device|telemetry)-(.*)$/.exec(stream);
    const recorded: RecordedEvent = {
      id: eventId({ occurredAtMs: 0, device: stream, source: String(revision) }),
      type,
      data,
      meta: {
        schemaVersion: 1,
        occurredAt: when,
        receivedAt: when,
        clock: 'trusted',
        compound: 'garden',
        ...(ofDevice === null ? {} : { device: ofDevice[2]! }),
        ...meta,
      },
      stream,
      revision,
      position: '0',
    };
    return recorded;
  };
  return {
    event,
    said: (id: string, type: string, when: string, data: object = {}, meta: Partial<EventMeta> = {}) =>
      event(`device-${id}`, type, when, data, meta),
    registerCompound: (when: string, given: Partial<Compound> = {}) => {
      const data = compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10, ...given });
      return event(`compound-${data.id}`, 'compound.registered', when, data, { compound: data.id });
    },
    registerDevice: (when: string, given: Partial<Device> & { id: string }) => {
      const data = device.parse({ compound: 'garden', name: given.id, kind: 'access-gate', ...given });
      return event(`device-${data.id}`, 'device.registered', when, data, { compound: data.compound });
    },
  };
};
export type Story = ReturnType<typeof createStory>;

export const emptyTables = async (sql: Sql): Promise<void> => {
  for (const table of starRatingProjection.tables) await sql.query(`DROP TABLE IF EXISTS ${table}`);
  await sql.query(starRatingProjection.schema);
};

export const deliver = async (sql: Sql, events: readonly RecordedEvent[], batchSize = events.length): Promise<void> => {
  for (let start = 0; start < events.length; start += batchSize) {
    await starRatingProjection.apply(sql, events.slice(start, start + batchSize));
  }
};

/** Every row of every table, in an order that doesn't depend on how they were written. */
export const tablesOf = async (sql: Sql): Promise<Record<string, unknown[]>> => {
  const dump: Record<string, unknown[]> = {};
  for (const table of starRatingProjection.tables) {
    const { rows } = await sql.query(`SELECT row_to_json(t)::text AS row FROM ${table} AS t ORDER BY 1`);
    dump[table] = rows.map(({ row }) => row);
  }
  return dump;
};

/** What the events tell of a compound, folded in memory. */
export const pastOfStory = (events: readonly RecordedEvent[], compound: string): CompoundPast => {
  const { register, facts } = fold(events, new Map());
  const ids = [...new Set(register.flatMap(({ device }) => device ?? []))];
  const memories = new Map<string, ReturnType<typeof createDeviceMemory>>();
  for (const known of gatewaysFirst(ids.map((id) => knownFrom(id, register))).flat()) {
    const above = known.gateways.flatMap((gateway) => memories.get(gateway)?.losses ?? []);
    const memory = createDeviceMemory(known, compound, above);
    memory.add(events.filter(({ meta }) => meta.device === known.device));
    memories.set(known.device, memory);
  }
  const hoursMs = new Set([...memories.values()].flatMap((memory) => [...memory.hoursMs]));
  return {
    ...{ compound, position: null, register, facts },
    devices: new Map([...memories].map(([id, memory]) => [id, memory.past()])),
    heardHoursMs: [...hoursMs].sort((one, other) => one - other),
  };
};
