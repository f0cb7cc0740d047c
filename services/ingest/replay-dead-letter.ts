import { randomUUID } from 'node:crypto';
import { eventOf, Refusal } from '../event-log/decider.ts';
import { deviceStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { PayloadStore } from './dead-letters.ts';
import type { Ingest } from './ingest.ts';
import type { Outcome } from './outcome.ts';

interface ReplayParts {
  ingest: Ingest;
  log: EventLog;
  payloads: PayloadStore;
}

interface Kept {
  id: string;
  receivedAt: string;
  compound: string | null;
  device: string | null;
  topic: string;
  sha256: string;
  retain: boolean;
  contentType?: string;
  userProperties?: Record<string, string | string[]>;
}

/**
 * Takes a refused payload up again, as of when it first came, after a mapping or a registration was mended. What came
 * of it is an event beside the refusal. Refuses when its bytes were erased.
 */
export const replayDeadLetter = async (
  { ingest, log, payloads }: ReplayParts,
  letter: Kept,
  meta: { occurredAt: string; actor: string },
): Promise<Outcome> => {
  const payload = await payloads.get(letter.sha256);
  if (payload === undefined || letter.device === null) {
    throw new Refusal('dead-letter.payload-erased', `the payload of ${letter.id} is not kept any longer`);
  }
  const outcome = await ingest.accept(letter.device, {
    topic: letter.topic,
    payload,
    retain: letter.retain,
    receivedAtMs: Date.parse(letter.receivedAt),
    contentType: letter.contentType,
    userProperties: letter.userProperties,
    replayed: true,
  });
  const detail = outcome.outcome === 'refused' ? `${outcome.code}: ${outcome.reason}` : null;
  const fact = { type: 'ingest.payload-replayed', data: { deadLetter: letter.id, outcome: outcome.outcome, detail } };
  const event = eventOf(randomUUID(), fact, {
    ...meta,
    causationId: letter.id,
    device: letter.device,
    ...(letter.compound === null ? {} : { compound: letter.compound }),
  });
  await log.append([{ stream: deviceStream(letter.device), expectedRevision: 'any', events: [event] }]);
  return outcome;
};
