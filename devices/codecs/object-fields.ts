import { numberOf } from './field-values.ts';

export interface Field {
  /** Lower case, letters and digits only: `magnet_status`, `magnetStatus` and `MagnetStatus` are one key. */
  key: string;
  /** The part of the device it speaks of, where the codec groups its output. */
  channel?: string;
  value: unknown;
}

const limits = { depth: 4, fields: 200 };

export const normalKey = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A codec's output as a flat list. `{ temperatureSensor: { 1: 21 } }`, as Cayenne LPP gives it, is key
 * `temperatureSensor` of channel 1; `{ cabinet: { temperature: 21 } }` is key `temperature` of channel `cabinet`. */
export const flatten = (object: Record<string, unknown>, parent?: string, depth = 1): Field[] => {
  const fields = Object.entries(object).flatMap(([name, value]): Field[] => {
    if (isObject(value)) return depth < limits.depth ? flatten(value, name, depth + 1) : [];
    if (Array.isArray(value) || value === null) return [];
    if (parent === undefined) return [{ key: normalKey(name), value }];
    return numberOf(name) === undefined
      ? [{ key: normalKey(name), channel: parent, value }]
      : [{ key: normalKey(parent), channel: name, value }];
  });
  return fields.slice(0, limits.fields);
};
