import type { NewEvent } from '../event-log/event.ts';
import type { EventLog, StreamAppend } from '../event-log/event-log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Remembered } from './dialect-memory.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { namesPerson, type Pseudonymizer, withPseudonym } from './pseudonym.ts';
import { createTurns } from './turns.ts';

interface RecorderParts {
  log: Pick<EventLog, 'append'>;
  pseudonymizer: Pseudonymizer;
  metrics: Pick<Metrics, 'events'>;
}

const keyMonth = (event: NewEvent): [compound: string, month: string] => [
  event.meta.compound!,
  event.meta.occurredAt.slice(0, 7),
];

/** Replaces whoever is named in the events, with keys that `loading` has loaded. */
const pseudonymize = (pseudonymizer: Pseudonymizer, appends: StreamAppend[]): void => {
  for (const event of appends.flatMap(({ events }) => events)) {
    const data = event.data as Record<string, unknown>;
    if (namesPerson(data)) event.data = withPseudonym(data, pseudonymizer.key(...keyMonth(event))!);
  }
};

/** Loads the keys that the append needs; `undefined`, as for nearly all messages, when they are there. */
const loading = (pseudonymizer: Pseudonymizer, { appends }: Plan): (() => Promise<void>) | undefined => {
  const months = appends
    .flatMap(({ events }) => events)
    .filter((event) => namesPerson(event.data as Record<string, unknown>))
    .map(keyMonth)
    .filter((month) => pseudonymizer.key(...month) === undefined);
  if (months.length === 0) return undefined;
  return async () => {
    for (const month of months) await pseudonymizer.load(...month);
  };
};

/** Writes plans to the log, each sender's in the order in which they were made. */
export const createRecorder = ({ log, pseudonymizer, metrics }: RecorderParts, heartbeats: Heartbeats) => {
  const inTurn = createTurns();
  const memoryInTurn = createTurns();

  /** Stores what the dialect remembers of a message once it is `done`, in the order of the sender's messages. */
  const keepMemory = async <Done>(
    sender: string,
    memory: Remembered | undefined,
    done: Promise<Done>,
  ): Promise<Done> => {
    if (memory === undefined) return done;
    const afterwards = async (): Promise<void> => {
      await done;
      await memory.store();
    };
    try {
      return await memoryInTurn(sender, afterwards, () => done);
    } catch (error) {
      memory.undo();
      throw error;
    }
  };

  return {
    /** For a message that means no event. */
    keepMemory: (sender: string, memory: Remembered | undefined): Promise<void> =>
      keepMemory(sender, memory, Promise.resolve()),
    /** Rejects when the log could not take it, and then the plan counts no longer. */
    async record(sender: string, plan: Plan, memory?: Remembered): Promise<Outcome> {
      try {
        const appended = inTurn(sender, loading(pseudonymizer, plan), () => {
          pseudonymize(pseudonymizer, plan.appends);
          return log.append(plan.appends);
        });
        const { position, stored } = await keepMemory(sender, memory, appended);
        for (const event of plan.appends.flatMap(({ events }) => events)) {
          metrics.events.inc({ type: event.type });
          heartbeats.recorded(event.meta.device!, Date.parse(event.meta.receivedAt));
        }
        return { outcome: 'recorded', position, stored };
      } catch (error) {
        plan.undo();
        throw error;
      }
    },
  };
};

export type Recorder = ReturnType<typeof createRecorder>;
