import { Refusal } from '../event-log/decider.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { workOrderStream } from '../event-log/event.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { type CarryOutParts, carryOut, type OrderWish, type Wisher } from './carry-out.ts';

const marking = (log: CarryOutParts['log'], commandId: string): CarryOutParts['log'] => ({
  readStream: (stream, options) => log.readStream(stream, options),
  append: (batch: StreamAppend[]) =>
    log.append(
      batch.map((entry) => ({
        ...entry,
        events: entry.events.map((event) => ({ ...event, meta: { ...event.meta, sourceId: commandId } })),
      })),
    ),
});

export interface CarriedOut {
  events: RecordedEvent[];
  /** The command of this id had been carried out before, and nothing was done now. */
  isRepeat: boolean;
}

/**
 * Carries a command out that its sender may send again, not knowing what became of it: the sender's own id stays on its
 * events, so that a repeat is answered as the first was, though the order has moved on meanwhile.
 */
export const carryOutOnce = async (
  parts: CarryOutParts,
  { order, commandId, wish }: { order: string; commandId: string; wish: OrderWish },
  wisher: Wisher,
): Promise<CarriedOut> => {
  const done = async (): Promise<CarriedOut | undefined> => {
    const events = await parts.log.readStream(workOrderStream(order));
    const isDone = events.some(({ meta }) => meta.sourceId === commandId && meta.actor === wisher.actor);
    return isDone ? { events, isRepeat: true } : undefined;
  };
  const before = await done();
  if (before !== undefined) return before;
  try {
    const events = await carryOut({ ...parts, log: marking(parts.log, commandId) }, order, wish, wisher);
    return { events, isRepeat: false };
  } catch (error) {
    // Two of the same came at once, and the other one was faster.
    const meanwhile = error instanceof Refusal ? await done() : undefined;
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
};
