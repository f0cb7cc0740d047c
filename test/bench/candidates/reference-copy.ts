import pg from 'pg';
import { eventId } from '../../../services/event-log/event-id.ts';
import { isoTime, systemClock } from '../../../services/runtime/clock.ts';
import { compound, deviceId, passage } from '../bench-devices.ts';
import { countMark, timeMark } from '../load/packet-writer.ts';
import { cpuMicrosOf } from '../process-cpu.ts';
import { withPostgres } from '../server.ts';

const batchEvents = 500;
const devices = 100;

const table = `
  CREATE TABLE reference_event (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    stream text NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    meta jsonb NOT NULL,
    UNIQUE (stream, version))`;
const statement = 'COPY reference_event (event_id, stream, version, type, data, meta) FROM STDIN';

/** The part of pg's connection that a COPY needs; pg has these methods, its types don't. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

export const copyText = (client: pg.Client, copyStatement: string, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const bytes = Buffer.from(text, 'utf8');
    const copy = {
      submit: (connection: CopyConnection) => connection.query(copyStatement),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(bytes);
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(),
      handleError: (error: Error) => reject(error),
    };
    client.query(copy as unknown as pg.Submittable);
  });

/** The events that the load generator sends, as the rows that they come to. */
const createBatches = () => {
  const { data } = JSON.parse(passage()) as { data: object };
  const dataText = JSON.stringify(data);
  let number = 0;
  return (): string => {
    const at = isoTime(systemClock.now());
    let text = '';
    for (let nth = 0; nth < batchEvents; nth += 1, number += 1) {
      const device = deviceId(number % devices);
      const source = `g-${String(number).padStart(countMark.length, '0')}`;
      const id = eventId({ occurredAtMs: systemClock.now(), device, source });
      const meta = `{"time":"${at.padEnd(timeMark.length)}","id":"${source}","compound":"${compound}","device":"${device}"}`;
      text += `${id}\tdevice-${device}\t${Math.floor(number / devices)}\tgate.passed\t${dataText}\t${meta}\n`;
    }
    return text;
  };
};

export interface ReferenceRun {
  ratePerSecond: number;
  cpuMicrosPerEvent: { client: number; postgres: number };
}

/**
 * The yardstick: the same events as rows, batches of 500, one connection, nothing else running. The next batch is
 * made while the server writes the one before.
 */
export const referenceCopy = (seconds: number): Promise<ReferenceRun> =>
  withPostgres(async ({ url, pid, sql }) => {
    await sql.query(table);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const cpu = async () => ({
      client: process.cpuUsage().user + process.cpuUsage().system,
      postgres: await cpuMicrosOf(pid),
    });
    try {
      const nextBatch = createBatches();
      const writeFor = async (ms: number): Promise<{ events: number; tookMs: number }> => {
        const startMs = performance.now();
        let events = 0;
        for (let batch = nextBatch(); performance.now() - startMs < ms; events += batchEvents) {
          const written = copyText(client, statement, batch);
          batch = nextBatch();
          await written;
        }
        return { events, tookMs: performance.now() - startMs };
      };
      await writeFor(1000);
      const before = await cpu();
      const { events, tookMs } = await writeFor(seconds * 1000);
      const after = await cpu();
      const perEvent = (spent: number): number => Number((spent / events).toFixed(2));
      return {
        ratePerSecond: (events * 1000) / tookMs,
        cpuMicrosPerEvent: {
          client: perEvent(after.client - before.client),
          postgres: perEvent(after.postgres - before.postgres),
        },
      };
    } finally {
      await client.end();
    }
  });
