import { z } from 'zod';
import type { Kind } from '../../kind.ts';

export const camera = {
  kind: 'camera',
  title: { zh: '摄像机', en: 'Camera' },
  silentAfterSeconds: 15 * 60,
  events: {
    /** `analytic` is a stable kebab-case word (`motion`, `line-crossed`, `object-thrown`, `tracked-object`). */
    'camera.analytics-reported': z.strictObject({
      analytic: z
        .string()
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        .max(64),
      active: z.boolean().optional(),
      severity: z.enum(['alert', 'detection']).optional(),
      objects: z.array(z.string().max(100)).max(100).optional(),
      zones: z.array(z.string().max(100)).max(100).optional(),
      rule: z.string().max(200).optional(),
      /** The source's own id of the tracked object, to join reports of one happening. */
      trackedObject: z.string().max(200).optional(),
      /** 0 to 1, whatever scale the device uses. */
      confidence: z.number().min(0).max(1).optional(),
      text: z.string().max(2000).optional(),
    }),
    /** Somebody fetched a picture from the stream and looked whether it is one. */
    'camera.picture-probed': z.strictObject({ ok: z.boolean(), text: z.string().max(500).optional() }),
    'camera.retention-reported': z.strictObject({
      oldestRetrievableDay: z.iso.date().optional(),
      retainedDays: z.number().min(0).max(10_000),
    }),
    /** Covered, turned away, out of focus. */
    'camera.scene-changed': z.strictObject({ cause: z.string().max(100).optional(), active: z.boolean().optional() }),
  },
  keeping: {
    'camera.analytics-reported': 'for-a-while',
    'camera.picture-probed': 'for-a-while',
    'camera.retention-reported': 'for-good',
    'camera.scene-changed': 'for-good',
  },
} as const satisfies Kind;
