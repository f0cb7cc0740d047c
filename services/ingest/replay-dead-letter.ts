import { randomUUID } from 'node:crypto';
import { eventOf, Refusal } from '../event-log/decider.ts';
import { deviceStream } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { PayloadStore } from './dead-letters.ts';
import type { Explain, Explanation } from './explain.ts';
import type { Ingest, Message } from './ingest.ts';
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

/** The message as it came, or a refusal when its bytes were erased. */
const messageOf = async (payloads: PayloadStore, letter: Kept): Promise<{ sender: string; message: Message }> => {
  const payload = await payloads.get(letter.sha256);
  if (payload === undefined || letter.device === null) {
    throw new Refusal('dead-letter.payload-erased', `the payload of ${letter.id} is not kept any longer`);
  }
  const { topic, retain, contentType, userProperties } = letter;
  const receivedAtMs = Date.parse(letter.receivedAt);
  const message = { topic, payload, retain, receivedAtMs, contentType, userProperties, replayed: true };
  return { sender: letter.device, message };
};

/** What would become of a refused payload if it were taken up now. Refuses as `replayDeadLetter` does. */
export const previewDeadLetter = async (
  { explain, index, payloads }: { explain: Explain; index: Pick<RegistryIndex, 'device'>; payloads: PayloadStore },
  letter: Kept,
): Promise<Explanation> => {
  const { sender, message } = await messageOf(payloads, letter);
  const device = index.device(sender);
  if (device === undefined) throw new Refusal('device.unknown', `no device ${sender} is registered`);
  if (device.retiredAt !== null) throw new Refusal('device.retired', `the device ${sender} was retired`);
  return explain(device, message);
};

/**
 * Takes a refused payload up again, as of when it first came, after a mapping or a registration was mended. What came
 * of it is an event beside the refusal. Refuses when its bytes were erased.
 */
export const replayDeadLetter = async (
  { ingest, log, payloads }: ReplayParts,
  letter: Kept,
  meta: { occurredAt: string; actor: string },
): Promise<Outcome> => {
  const { sender, message } = await messageOf(payloads, letter);
  const outcome = await ingest.accept(sender, message);
  const detail = outcome.outcome === 'refused' ? `${outcome.code}: ${outcome.reason}` : null;
  const fact = { type: 'ingest.payload-replayed', data: { deadLetter: letter.id, outcome: outcome.outcome, detail } };
  const event = eventOf(randomUUID(), fact, {
    ...meta,
    causationId: letter.id,
    device: sender,
    ...(letter.compound === null ? {} : { compound: letter.compound }),
  });
  await log.append([{ stream: deviceStream(sender), expectedRevision: 'any', events: [event] }]);
  return outcome;
};
