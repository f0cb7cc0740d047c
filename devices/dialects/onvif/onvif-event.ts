import { flagOf, numberOf } from '../../codecs/field-values.ts';
import { type Decoded, type DeviceTime, refused } from '../../dialect.ts';
import { timeFromIso } from '../../time.ts';

type Items = Record<string, unknown>;

/** An event as Core, "JSON Event Payload", gives it. Values are mostly in quotes. */
export interface OnvifEvent {
  /** The local topic, `['VideoSource', 'MotionAlarm']`, without the source behind `/&`. */
  path: readonly string[];
  source: Items;
  data: Items;
}

/** An item's text; an XML element with attributes has it under `#text`. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null || !('#text' in value)) return undefined;
  return textOf(value['#text']);
};

/** Text within what the contracts take. */
export const shortText = (value: unknown, length = 200): string | undefined => {
  const text = textOf(value)?.slice(0, length);
  return text === '' ? undefined : text;
};

/** Which input, rule or door it is, as part of a channel's name. */
export const sourceKey = (source: Items): string =>
  Object.values(source)
    .flatMap((value) => shortText(value, 100) ?? [])
    .slice(0, 5)
    .join('/');

export const channelOf = (name: string, source: Items): string => [name, sourceKey(source)].filter(Boolean).join(':');

/** The boolean of an event that reports a state: `State`, `IsMotion`, `Failed`, … */
export const stateOf = (data: Items): boolean | undefined => {
  const key = Object.keys(data).find((name) => /^(State|Failed|Critical|Active|LogicalState|Is[A-Z]\w*)$/.test(name));
  return key === undefined ? undefined : flagOf(textOf(data[key]));
};

export const noState = (path: readonly string[]): Decoded =>
  refused('contract-violated', `Data: ${path.join('/')} needs its state as true or false.`, 'Data');

/** Likelihoods are 0 to 1 by the standard, percent with some cameras. */
export const confidenceOf = (value: unknown): number | undefined => {
  const number = numberOf(textOf(value));
  if (number === undefined || number < 0 || number > 100) return undefined;
  return number > 1 ? number / 100 : number;
};

/** `UtcTime` is UTC by its name; metadata and old cameras leave out the Z. */
export const timeFromUtc = (text: string): DeviceTime | undefined =>
  timeFromIso(/[zZ]$|[+-]\d{2}:?\d{2}$/.test(text.trim()) ? text.trim() : `${text.trim()}Z`, 'utc');
