import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { commandNames, deviceCommands } from './commands.ts';
import { deviceEvents, faultCode } from './device-events.ts';
import { dialects } from './dialects/registry.ts';
import { kinds } from './kinds/registry.ts';
import { type QuantityName, quantities } from './quantities.ts';

const bilingual = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) });

/** `hazard`: danger to people or property; `outage`: it doesn't do its work; `impaired`: it does, but not as it should. */
export const faultClasses = ['hazard', 'outage', 'impaired'] as const;

const fields = z.strictObject({
  vendor: z.string().min(1).max(100),
  model: z.string().min(1).max(100),
  title: bilingual,
  kind: z.enum(kinds.map(({ kind }) => kind) as [string, ...string[]]),
  /** What it may be connected with. */
  dialects: z.array(z.enum(dialects.map(({ name }) => name) as [string, ...string[]])).min(1),
  /** What it is able to say and to do. */
  capabilities: z.strictObject({ events: z.array(z.string()).min(1), commands: z.array(z.enum(commandNames)) }),
  /** What it measures. The range is the data sheet's, within the one that devices/quantities.ts takes. */
  quantities: z.partialRecord(
    z.enum(Object.keys(quantities) as [QuantityName, ...QuantityName[]]),
    z.strictObject({ unit: z.string(), min: z.number(), max: z.number() }),
  ),
  heartbeatSeconds: z.int().min(1),
  /** Nothing heard for this long: it counts as down. */
  silentAfterSeconds: z.int().min(1),
  /** `text` for the vendor's own codes; the common ones have their words in services/work-orders/fault-words.yaml. */
  faults: z.array(z.strictObject({ code: faultCode, class: z.enum(faultClasses), text: bilingual.optional() })),
});
type Fields = z.infer<typeof fields>;

type Complain = (message: string, ...path: (string | number)[]) => void;

const checkCapabilities = ({ kind, capabilities }: Fields, complain: Complain): void => {
  const own = kinds.find((known) => known.kind === kind)?.events ?? {};
  for (const [index, type] of capabilities.events.entries()) {
    const isKnown = Object.hasOwn(own, type) || Object.hasOwn(deviceEvents, type);
    if (!isKnown) complain(`${kind} doesn't say ${type}`, 'capabilities', 'events', index);
  }
  for (const [index, command] of capabilities.commands.entries()) {
    const isOfKind = (deviceCommands[command].kinds as readonly string[]).includes(kind);
    if (!isOfKind) complain(`${kind} can't be asked to ${command}`, 'capabilities', 'commands', index);
  }
};

const checkQuantities = (said: Fields, complain: Complain): void => {
  for (const [name, { unit, min, max }] of Object.entries(said.quantities)) {
    const known = quantities[name as QuantityName];
    if (unit !== known.unit) complain(`is in ${known.unit}`, 'quantities', name, 'unit');
    const isWithin = min < max && min >= known.min && max <= known.max;
    if (!isWithin) complain(`goes from ${known.min} to ${known.max}`, 'quantities', name);
  }
};

const checkFaults = ({ faults }: Fields, complain: Complain): void => {
  const codes = faults.map(({ code }) => code);
  for (const [index, code] of codes.entries()) {
    if (codes.indexOf(code) !== index) complain(`${code} stands there twice`, 'faults', index, 'code');
  }
};

/** One vendor's model of a known kind: one data file in devices/models, and no code. */
export const deviceModel = fields.superRefine((said, context) => {
  const complain: Complain = (message, ...path) => context.addIssue({ code: 'custom', path, message });
  checkCapabilities(said, complain);
  checkQuantities(said, complain);
  checkFaults(said, complain);
  // Two may get lost before it seems silent.
  if (said.heartbeatSeconds * 3 > said.silentAfterSeconds) complain('at least three heartbeats', 'silentAfterSeconds');
});
/** `id`: the name of its file, by which a device's registration names it. */
export type DeviceModel = z.infer<typeof deviceModel> & { id: string };

/** The model in YAML text; an error names the file and the field. */
export const parseModel = (text: string, file: string): DeviceModel => {
  const result = deviceModel.safeParse(parse(text));
  if (result.success) return { id: file.replace(/\.yaml$/, ''), ...result.data };
  const [issue] = result.error.issues;
  throw new Error(`${file}: ${issue?.path.join('.') || 'file'}: ${issue?.message}`);
};

/** Every file of a folder: nothing else names a model. */
export const modelsIn = (folder: URL): DeviceModel[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => parseModel(readFileSync(new URL(file, folder), 'utf8'), file));

export const deviceModels: readonly DeviceModel[] = modelsIn(new URL('./models/', import.meta.url));
const byId = new Map(deviceModels.map((model) => [model.id, model]));

/** `undefined` for none, and for one whose file is gone: then its kind's defaults hold. */
export const modelOf = (id: string | null | undefined): DeviceModel | undefined =>
  id == null ? undefined : byId.get(id);

/** What of the values that a device told is beyond its data sheet. */
export const beyondRange = (
  { quantities: ranges }: Pick<DeviceModel, 'quantities'>,
  values: unknown,
): { quantity: string; value: number; min: number; max: number } | undefined => {
  for (const [quantity, value] of Object.entries((values ?? {}) as Record<string, unknown>)) {
    const range = ranges[quantity as QuantityName];
    if (range === undefined || typeof value !== 'number') continue;
    if (value < range.min || value > range.max) return { quantity, value, min: range.min, max: range.max };
  }
  return undefined;
};
