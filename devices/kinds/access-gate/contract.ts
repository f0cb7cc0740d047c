import { z } from 'zod';
import type { Kind } from '../../kind.ts';

/**
 * How somebody showed who they are. `reference` is the card number, plate, person or face id as the device knows it;
 * the ingest replaces it by a pseudonym before anything is stored.
 */
export const credential = z.strictObject({
  method: z.enum(['face', 'card', 'plate', 'code', 'phone', 'fingerprint', 'remote', 'button', 'other']).optional(),
  reference: z.string().max(200).optional(),
  vendorCode: z.string().max(100).optional(),
});

const passage = z.strictObject({
  credential: credential.optional(),
  direction: z.enum(['in', 'out']).optional(),
  door: z.string().max(100).optional(),
  /** 0 to 1, whatever scale the device uses. */
  confidence: z.number().min(0).max(1).optional(),
  text: z.string().max(500).optional(),
});

export const accessGate = {
  kind: 'access-gate',
  title: { zh: '门禁道闸', en: 'Access gate' },
  silentAfterSeconds: 15 * 60,
  events: {
    /** Somebody went through, or the barrier moved for them. Granted alone isn't passed. */
    'gate.passed': passage,
    'gate.denied': passage.extend({
      reason: z.enum(['unknown-credential', 'blocked', 'expired', 'outside-schedule', 'refused', 'other']).optional(),
      vendorCode: z.string().max(100).optional(),
    }),
    /** A card, plate or face was read; nothing is known of a decision. */
    'gate.credential-seen': passage,
    'gate.forced-open': z.strictObject({ door: z.string().max(100).optional(), text: z.string().max(500).optional() }),
    'gate.held-open': z.strictObject({ door: z.string().max(100).optional(), text: z.string().max(500).optional() }),
    'gate.door-changed': z.strictObject({
      state: z.enum(['open', 'closed', 'opening', 'closing', 'stopped', 'unknown']),
      door: z.string().max(100).optional(),
    }),
  },
  keeping: {
    'gate.passed': 'for-a-while',
    'gate.denied': 'for-a-while',
    'gate.credential-seen': 'for-a-while',
    'gate.forced-open': 'for-good',
    'gate.held-open': 'for-good',
    'gate.door-changed': 'for-a-while',
  },
} as const satisfies Kind;
