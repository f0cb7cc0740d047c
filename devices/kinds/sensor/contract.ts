import { z } from 'zod';
import { measuredValues } from '../../device-events.ts';
import type { Kind } from '../../kind.ts';

export const sensor = {
  kind: 'sensor',
  title: { zh: '传感器', en: 'Sensor' },
  /** Battery sensors of Zigbee and LoRaWAN report about daily; Zigbee2MQTT waits 25 h too. */
  silentAfterSeconds: 25 * 3600,
  events: {
    'sensor.measured': z.strictObject({ values: measuredValues, channel: z.string().max(100).optional() }),
    /** `quantity` may also be `smoke`, `gas`, `water-leak`, … where the sensor gives no number. */
    'sensor.threshold-crossed': z.strictObject({
      quantity: z.string().max(64),
      direction: z.enum(['high', 'low']).optional(),
      active: z.boolean(),
      value: z.number().optional(),
      threshold: z.number().optional(),
      channel: z.string().max(100).optional(),
    }),
  },
  keeping: { 'sensor.measured': 'for-a-while', 'sensor.threshold-crossed': 'for-good' },
} as const satisfies Kind;
