import { z } from 'zod';
import { measuredValues } from '../../device-events.ts';
import type { Kind } from '../../kind.ts';
import { suspect } from './suspicion.ts';

const connector = z.number().int().min(0).max(1000);

export const chargingPost = {
  kind: 'charging-post',
  title: { zh: '充电桩', en: 'EV charging post' },
  silentAfterSeconds: 30 * 60,
  events: {
    /** `credential` is the RFID tag or account; the ingest replaces it by a pseudonym. Connector 0 is the whole post. */
    'charging.session-started': z.strictObject({
      connector: connector.optional(),
      session: z.string().max(100).optional(),
      credential: z.string().max(200).optional(),
      meterStartWh: z.number().min(0).optional(),
      reason: z.string().max(100).optional(),
      /** Written by the hub: what doesn't fit with what was heard of the connector before. */
      suspect: suspect.optional(),
    }),
    'charging.session-ended': z.strictObject({
      connector: connector.optional(),
      session: z.string().max(100).optional(),
      credential: z.string().max(200).optional(),
      meterStopWh: z.number().min(0).optional(),
      energyWh: z.number().min(0).optional(),
      /** kebab-case, `local` when the post gives none (OCPP 1.6, StopTransaction.req). */
      reason: z.string().max(100).optional(),
      suspect: suspect.optional(),
    }),
    'charging.metered': z.strictObject({
      connector: connector.optional(),
      session: z.string().max(100).optional(),
      values: measuredValues,
    }),
    /** Status words of OCPP 1.6 in kebab-case, the richest common list; `other` keeps the post's own in `vendorCode`. */
    'charging.status-changed': z.strictObject({
      connector: connector.optional(),
      status: z.enum([
        'available',
        'preparing',
        'charging',
        'suspended-evse',
        'suspended-ev',
        'finishing',
        'reserved',
        'unavailable',
        'faulted',
        'occupied',
        'other',
      ]),
      vendorCode: z.string().max(100).optional(),
    }),
  },
  keeping: {
    'charging.session-started': 'for-good',
    'charging.session-ended': 'for-good',
    'charging.metered': 'for-a-while',
    'charging.status-changed': 'for-good',
  },
} as const satisfies Kind;
