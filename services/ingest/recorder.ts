import type { NewEvent } from '../event-log/event.ts';
import type { AppendResult, EventLog, StreamAppend } from '../event-log/event-log.ts';
import { faultPoint } from '../runtime/fault-points.ts';
import { countByLabels, type Metrics } from '../runtime/metrics.ts';
import { promised, tell, type Waiting } from '../runtime/waiting.ts';
import type { Remembered } from './dialect-memory.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { namesPerson, type Pseudonymizer, withPseudonym } from './pseudonym.ts';
import { createTurns } from './turns.ts';

interface RecorderParts {
  log: Pick<EventLog, 'submit'>;
  pseudonymizer: Pseudonymizer;
  metrics: Pick<Metrics, 'events'>;
}

const keyMonth = (event: NewEvent): [compound: string, month: string] => [
  event.meta.compound!,
  event.meta.occurredAt.slice(0, 7),
];

/** Replaces whoever is named in the events, with keys that `loading` has loaded. */
const pseudonymize = (pseudonymizer: Pseudonymizer, appends: StreamAppend[]): void => {
  for (const { events } of appends) {
    for (const event of events) {
      const data = event.data as Record<string, unknown>;
      if (namesPerson(data)) event.data = withPseudonym(data, pseudonymizer.key(...keyMonth(event))!);
    }
  }
};

/** What is to be noted of an event once it is stored. */
interface Heard {
  type: string;
  device: string;
  receivedAt: string;
}

const heardOf = ({ type, meta }: NewEvent): Heard => ({ type, device: meta.device!, receivedAt: meta.receivedAt });

const heardIn = (appends: readonly StreamAppend[]): Heard[] => {
  const [first] = appends;
  // A list that was pushed to keeps room for sixteen more until the commit.
  if (appends.length === 1 && first!.events.length === 1) return [heardOf(first!.events[0]!)];
  return appends.flatMap(({ events }) => events.map(heardOf));
};

/** What is noted when an append has ended. */
interface Noting {
  stored(heard: Heard): void;
  failed(sender: string, error: unknown): void;
}

type KeyMonth = ReturnType<typeof keyMonth>;

/** The keys that the append needs and that are not there; none for nearly all messages. */
const missingKeys = (pseudonymizer: Pseudonymizer, { appends }: Plan): KeyMonth[] => {
  const months: KeyMonth[] = [];
  for (const { events } of appends) {
    for (const event of events) {
      if (!namesPerson(event.data as Record<string, unknown>)) continue;
      const month = keyMonth(event);
      if (pseudonymizer.key(...month) === undefined) months.push(month);
    }
  }
  return months;
};

/** `undefined` when there is nothing to load. */
const loading = (pseudonymizer: Pseudonymizer, months: KeyMonth[]): (() => Promise<void>) | undefined =>
  months.length === 0 ? undefined : () => load(pseudonymizer, months);

const load = async (pseudonymizer: Pseudonymizer, months: KeyMonth[]): Promise<void> => {
  for (const month of months) await pseudonymizer.load(...month);
};

/** What there is to do for a plan once its end is known. Holds none of its events. */
class Recording implements Waiting<AppendResult> {
  readonly #noting: Noting;
  readonly #sender: string;
  readonly #heard: Heard[];
  readonly #undo: () => void;
  readonly #waiting: Waiting<Outcome>;

  constructor(noting: Noting, sender: string, plan: Plan, waiting: Waiting<Outcome>) {
    this.#noting = noting;
    this.#sender = sender;
    this.#heard = heardIn(plan.appends);
    this.#undo = plan.undo;
    this.#waiting = waiting;
  }

  done({ position, stored }: AppendResult): void {
    faultPoint('result-known');
    for (const heard of this.#heard) this.#noting.stored(heard);
    this.#waiting.done({ outcome: 'recorded', position, stored });
  }

  failed(error: unknown): void {
    this.#undo();
    this.#noting.failed(this.#sender, error);
    this.#waiting.failed(error);
  }
}

/** Writes plans to the log, each sender's in the order in which they were made. */
export const createRecorder = ({ log, pseudonymizer, metrics }: RecorderParts, heartbeats: Heartbeats) => {
  const { inTurn, isFree, failWaiting } = createTurns();
  const { inTurn: memoryInTurn } = createTurns();
  const countEvent = countByLabels(metrics.events);
  const noting: Noting = {
    stored({ type, device, receivedAt }) {
      countEvent(type);
      heartbeats.recorded(device, receivedAt);
    },
    failed: failWaiting,
  };

  /** Stores what the dialect remembers of a message once it is `done`, in the order of the sender's messages. */
  const keepMemory = async <Done>(
    sender: string,
    memory: Remembered | undefined,
    done: Promise<Done>,
  ): Promise<Done> => {
    if (memory === undefined) return done;
    // It may fail while this message waits for the one before: an unheard rejection would end the process.
    done.catch(() => undefined);
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

  const submit = (appends: StreamAppend[], waiting: Waiting<AppendResult>): void => {
    pseudonymize(pseudonymizer, appends);
    log.submit(appends, waiting);
  };

  return {
    /** For a message that means no event. */
    keepMemory: (sender: string, memory: Remembered | undefined): Promise<void> =>
      keepMemory(sender, memory, Promise.resolve()),
    /** Fails when the log could not take it, and then the plan counts no longer. */
    record(sender: string, plan: Plan, memory: Remembered | undefined, waiting: Waiting<Outcome>): void {
      const { appends } = plan;
      const recording = new Recording(noting, sender, plan, waiting);
      const prepare = loading(pseudonymizer, missingKeys(pseudonymizer, plan));
      if (memory === undefined && prepare === undefined && isFree(sender)) {
        submit(appends, recording);
        return;
      }
      const appended = inTurn(sender, prepare, () =>
        promised((stored: Waiting<AppendResult>) => submit(appends, stored)),
      );
      tell(keepMemory(sender, memory, appended), recording);
    },
  };
};

export type Recorder = ReturnType<typeof createRecorder>;
