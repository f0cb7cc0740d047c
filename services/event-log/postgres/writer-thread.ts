import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../runtime/clock.ts';
import { serveWriter } from './serve-writer.ts';
import { openWriterSession, type SessionOptions } from './writer-session.ts';

/** The log's writer in a thread of its own: sealing and the server's answers wait for no message that is decoded. */
const port = parentPort!;
const openSession = (ownEpoch?: number) => openWriterSession(workerData as SessionOptions, ownEpoch);
await serveWriter(port, { openSession, clock: systemClock }, () => port.close());
