import type { z } from 'zod';

/**
 * How long events of a type are kept. `for-good`: what a device is and what became of it. `for-a-while`: what it observes
 * in numbers; it goes to a stream of its own and may expire there.
 */
export type Keeping = 'for-good' | 'for-a-while';

/** A kind of device: what may be said. One folder under devices/kinds, one object like this in its contract.ts. */
export interface Kind {
  /** kebab-case, the folder's name. */
  kind: string;
  title: { zh: string; en: string };
  /** Heard nothing for this long: the device counts as down from then on. */
  silentAfterSeconds: number;
  /** Event type → schema of its `data`. Every kind also speaks the `device.*` events of devices/device-events.ts. */
  events: Record<string, z.ZodType>;
  /** The same event types: whether they may expire. What is rare and decides anything stays. */
  keeping: Record<string, Keeping>;
}
