import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { instant } from '../runtime/schema.ts';
import { priorities } from './commands.ts';

const id = z.uuid();
const person = z.string().min(1).max(100);
const words = z.string().trim().min(1).max(5000);
const order = z.string().min(1).max(100);

/** What the shift that goes says itself; the rest of a handover the hub counts. */
export const handoverInput = z.strictObject({
  notes: words.optional(),
  /** Orders that the next shift is to look at first. */
  watch: z.array(order).max(100).default([]),
});
export const takeoverInput = z.strictObject({ remarks: words.optional() });

/** How things stood as the shift ended. `since`: the handover before, `null` at the first. */
export const shiftFigures = z.strictObject({
  since: instant.nullable(),
  raised: z.int().min(0),
  closed: z.int().min(0),
  open: z.record(z.enum(priorities), z.int().min(0)),
});

/** A compound's handovers (交接班), on stream `handover-<compound>`: each is signed by who goes and by who comes. */
export const handoverEvents = {
  'handover.given': z.strictObject({ id, by: person, ...handoverInput.shape, figures: shiftFigures }),
  'handover.taken': z.strictObject({ id, by: person, ...takeoverInput.shape }),
} as const satisfies Record<string, z.ZodType>;

type Events = typeof handoverEvents;
export type HandoverEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];

export type HandoverCommand =
  | { type: 'give'; data: z.infer<Events['handover.given']> }
  | { type: 'take'; data: z.infer<Events['handover.taken']> };

/** The newest handover: whoever gives another one takes back what nobody took. */
export interface HandoverState {
  id: string | null;
  by: string;
  taken: boolean;
}

export const handoverStream = (compound: string): string => `handover-${compound}`;

const decide = ({ type, data }: HandoverCommand, newest: HandoverState): HandoverEvent[] => {
  if (type === 'give') return [{ type: 'handover.given', data }];
  if (newest.id !== data.id) throw new Refusal('handover.unknown', `${data.id} is not the newest handover`);
  if (newest.taken) throw new Refusal('handover.taken', 'somebody has taken over already');
  if (newest.by === data.by) throw new Refusal('handover.own', 'whoever hands over can’t sign for the next shift');
  return [{ type: 'handover.taken', data }];
};

const evolve = (newest: HandoverState, { type, data }: HandoverEvent): HandoverState =>
  type === 'handover.given' ? { id: data.id, by: data.by, taken: false } : { ...newest, taken: true };

export const handover: Decider<HandoverState, HandoverCommand, HandoverEvent> = {
  initial: { id: null, by: '', taken: false },
  evolve,
  decide,
};

export const handoverItem = handoverEvents['handover.given'].extend({
  at: instant,
  /** `null` while nobody has taken over. */
  taken: z.object({ by: z.string(), remarks: z.string().nullable(), at: instant }).nullable(),
});
export type HandoverItem = z.infer<typeof handoverItem>;

/** Of events newest first, each handover with its second signature. */
export const handoversOf = (newestFirst: readonly Pick<RecordedEvent, 'type' | 'data' | 'meta'>[]): HandoverItem[] => {
  const taken = new Map<string, HandoverItem['taken']>();
  return newestFirst.flatMap(({ meta, ...event }) => {
    const { type, data } = event as HandoverEvent;
    const at = meta.occurredAt;
    if (type === 'handover.given') return [{ ...data, at, taken: taken.get(data.id) ?? null }];
    taken.set(data.id, { by: data.by, remarks: data.remarks ?? null, at });
    return [];
  });
};
