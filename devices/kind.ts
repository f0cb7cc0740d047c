import type { z } from 'zod';

/** A kind of device: what may be said. One folder under devices/kinds, one object like this in its contract.ts. */
export interface Kind {
  /** kebab-case, the folder's name. */
  kind: string;
  title: { zh: string; en: string };
  /** Heard nothing for this long: the device counts as down from then on. */
  silentAfterSeconds: number;
  /** Event type → schema of its `data`. Every kind also speaks the `device.*` events of devices/device-events.ts. */
  events: Record<string, z.ZodType>;
}
