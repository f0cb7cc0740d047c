import { z } from 'zod';
import type { Kind } from '../../kind.ts';

/**
 * A kind that doesn't exist: a lift that tells where it is. Copy this folder to begin a kind of your own, rename
 * `example` to the camelCase of the folder's name, and run `npx tsx devices/generate-registries.ts`.
 */
export const example = {
  /** The folder's name, and the `kind` that `POST /api/devices` takes. */
  kind: 'example',
  title: { zh: '示例电梯', en: 'Example lift' },
  /** A device that said nothing for this long counts as down: a few times its own heartbeat. */
  silentAfterSeconds: 10 * 60,
  /** `<subject>.<fact in the past>`; the subject is this kind's alone. What any device may say (`device.*`) is there already. */
  events: {
    /** A strict object: a misspelt key is refused with its name, not stored unread. The unit is part of a number's name. */
    'lift.arrived': z.strictObject({
      floor: z.number().int().min(-20).max(200),
      direction: z.enum(['up', 'down']).optional(),
      loadKg: z.number().min(0).max(50_000).optional(),
    }),
    /** An event may carry nothing at all: that it happened is the message. */
    'lift.alarm-pressed': z.strictObject({ text: z.string().max(500).optional() }),
  },
  /** Every type once more: what comes by the thousand may expire, what somebody will ask for in years may not. */
  keeping: { 'lift.arrived': 'for-a-while', 'lift.alarm-pressed': 'for-good' },
} as const satisfies Kind;
