import { z } from 'zod';
import type { Keeping } from './kind.ts';
import { type QuantityName, quantities } from './quantities.ts';

const text = z.string().max(500);
export const faultCode = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a fault code is kebab-case, e.g. over-voltage')
  .max(64);

/** Most who miss a name leave its unit out. */
const unknownQuantity = (name: string): string => {
  const beginning = name.slice(0, 4).toLowerCase();
  const near = Object.keys(quantities).filter((known) => known.toLowerCase().startsWith(beginning));
  const remedy = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'write one such as temperatureC or co2Ppm.';
  return `"${name.slice(0, 100)}" is no quantity; ${remedy} The unit is part of the name.`;
};

/** One reading per quantity, each within the range that devices/quantities.ts gives it. */
export const measuredValues = z
  .strictObject(
    Object.fromEntries(
      Object.entries(quantities).map(([name, { min, max }]) => [name, z.number().min(min).max(max).optional()]),
    ) as Record<QuantityName, z.ZodOptional<z.ZodNumber>>,
    { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownQuantity(String(issue.keys[0])) : undefined) },
  )
  .refine((values) => Object.keys(values).length > 0, 'name at least one quantity');

/** What any device may say of itself, whatever its kind. */
export const deviceEvents = {
  /** `reason`: `will`, `keepalive`, `connection-lost`, `goodbye` (a clean disconnect), `reported` (a gateway or the device says so). */
  'device.connected': z.strictObject({
    reason: text.optional(),
    firmware: text.optional(),
    model: text.optional(),
    vendor: text.optional(),
  }),
  'device.disconnected': z.strictObject({
    reason: z.enum(['will', 'keepalive', 'connection-lost', 'goodbye', 'reported']).optional(),
  }),
  /** Alive, and nothing else to say. */
  'device.seen': z.strictObject({
    signalDbm: z.number().optional(),
    batteryPercent: z.number().min(0).max(100).optional(),
  }),
  /** `vendorCode` keeps the device's own word; `component` says which part (a connector, a channel). */
  'device.fault-raised': z.strictObject({
    code: faultCode,
    text: text.optional(),
    vendorCode: text.optional(),
    component: text.optional(),
  }),
  'device.fault-cleared': z.strictObject({ code: faultCode, text: text.optional(), component: text.optional() }),
  'device.tampered': z.strictObject({ active: z.boolean().optional(), text: text.optional() }),
  'device.battery-low': z.strictObject({ batteryPercent: z.number().min(0).max(100).optional() }),
  /** `unanswered`: the protocol has no answer to it. */
  'device.command-sent': z.strictObject({
    command: text,
    commandId: text.optional(),
    unanswered: z.literal(true).optional(),
  }),
  'device.command-answered': z.strictObject({
    command: text.optional(),
    commandId: text.optional(),
    accepted: z.boolean(),
    text: text.optional(),
  }),
} satisfies Record<string, z.ZodType>;

/** Of every type of any device, whether its events may expire. */
export const deviceEventKeeping: Record<keyof typeof deviceEvents, Keeping> = {
  'device.connected': 'for-good',
  'device.disconnected': 'for-good',
  'device.seen': 'for-a-while',
  'device.fault-raised': 'for-good',
  'device.fault-cleared': 'for-good',
  'device.tampered': 'for-good',
  'device.battery-low': 'for-good',
  'device.command-sent': 'for-good',
  'device.command-answered': 'for-good',
};
