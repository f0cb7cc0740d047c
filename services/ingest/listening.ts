import type { RegistryIndex } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { tell as tellWaiting } from '../runtime/waiting.ts';
import type { Explain, Explanation } from './explain.ts';
import { acceptingBy, type Ingest } from './ingest.ts';
import type { Outcome } from './outcome.ts';

/** One message as an integrator who listens sees it. */
export interface HeardMessage extends Omit<Explanation, 'outcome'> {
  at: string;
  /** The credential that brought it. */
  sender: string;
  topic: string;
  retain: boolean;
  /** `failed`: the log could not take it, the sender says it again. */
  outcome: Explanation['outcome'] | 'failed';
  deadLetter: string | null;
}

type Listener = (heard: HeardMessage) => void;

/** What somebody who starts to look while another one looks already is shown at once. */
const recentMax = 50;

const endOf = (outcome: Outcome): Partial<HeardMessage> => {
  switch (outcome.outcome) {
    case 'recorded':
      return { outcome: 'recorded', reason: outcome.stored === 0 ? 'known-already' : null };
    case 'no-op':
      return { outcome: 'no-op', reason: outcome.reason, events: [] };
    case 'refused': {
      const { code, reason, field = null, deadLetter = null } = outcome;
      return { outcome: 'refused', code, reason, field, deadLetter, events: [] };
    }
  }
};

/**
 * Lets people look at a sender's messages as they come. Only while somebody looks is anything explained or kept: for all
 * other messages it costs one look into a map.
 */
export const createListening = (ingest: Ingest, explain: Explain, index: Pick<RegistryIndex, 'device'>) => {
  const looks = new Map<string, { recent: HeardMessage[]; listeners: Set<Listener> }>();

  const tell = (senderId: string, heard: HeardMessage): void => {
    const look = looks.get(senderId);
    if (look === undefined) return;
    look.recent.push(heard);
    if (look.recent.length > recentMax) look.recent.shift();
    for (const listener of look.listeners) listener(heard);
  };

  const acceptHeard: Ingest['accept'] = async (senderId, message) => {
    const sender = index.device(senderId);
    if (sender === undefined || sender.retiredAt !== null) return ingest.accept(senderId, message);
    const { topic, retain, receivedAtMs } = message;
    // Before it is taken: afterwards a state that it changes would be no change.
    const explanation = explain(sender, message);
    const heard = { ...explanation, at: isoTime(receivedAtMs), sender: senderId, topic, retain, deadLetter: null };
    try {
      const outcome = await ingest.accept(senderId, message);
      tell(senderId, { ...heard, ...endOf(outcome) });
      return outcome;
    } catch (error) {
      tell(senderId, { ...heard, outcome: 'failed', reason: (error as Error).message, events: [] });
      throw error;
    }
  };

  return {
    ingest: {
      ...ingest,
      ...acceptingBy((senderId, message, waiting) => {
        if (looks.has(senderId)) tellWaiting(acceptHeard(senderId, message), waiting);
        else ingest.take(senderId, message, waiting);
      }),
    } satisfies Ingest,
    /** Tells what the sender says from now on, after what others who look have seen of late. The answer ends it. */
    listen(senderId: string, listener: Listener): () => void {
      const look = looks.get(senderId) ?? { recent: [], listeners: new Set() };
      looks.set(senderId, look);
      for (const heard of look.recent) listener(heard);
      look.listeners.add(listener);
      return () => {
        look.listeners.delete(listener);
        if (look.listeners.size === 0) looks.delete(senderId);
      };
    },
  };
};

export type Listen = ReturnType<typeof createListening>['listen'];
