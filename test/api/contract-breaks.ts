/** A JSON Schema as far as compatibility looks into it. */
export interface Schema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
}

interface Channel {
  address: string;
  messages: Record<string, { payload?: Schema }>;
}
export interface Contract {
  channels: Record<string, Channel>;
  operations: Record<string, { action: string; channel: { $ref: string } }>;
}

const upper = ['maximum', 'maxLength', 'maxItems'] as const;
const typesOf = ({ type }: Schema): string[] => (type === undefined ? [] : [type].flat());
/** A whole number is a number. */
const covers = (types: string[], type: string): boolean =>
  types.includes(type) || (type === 'integer' && types.includes('number'));

const takesAnything = (schema: Schema): boolean =>
  [schema.type, schema.anyOf, schema.enum, schema.const].every((rule) => rule === undefined);

const membersNarrowed = (before: Schema, after: Schema, path: string): string[] => {
  const present = after.properties ?? {};
  const breaks = Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const now = present[name];
    if (now !== undefined) return narrowed(schema, now, `${path}.${name}`);
    return after.additionalProperties === false ? [`${path}.${name} is taken no longer`] : [];
  });
  const demanded = (after.required ?? []).filter((name) => !before.required?.includes(name));
  if (before.additionalProperties !== false && after.additionalProperties === false) {
    breaks.push(`${path} takes no other members any longer`);
  }
  return [...breaks, ...demanded.map((name) => `${path}.${name} is demanded`)];
};

/** Where what fitted before would fit no longer. */
export const narrowed = (before: Schema, after: Schema, path: string): string[] => {
  const types = typesOf(after);
  const breaks =
    types.length === 0
      ? []
      : typesOf(before)
          .filter((type) => !covers(types, type))
          .map((type) => `${path} is no ${type} any longer`);
  if (types.length > 0 && takesAnything(before)) breaks.push(`${path} takes ${types.join(' or ')} only`);
  const allowed = after.enum ?? (after.const === undefined ? undefined : [after.const]);
  if (allowed !== undefined) {
    const said = before.enum ?? (before.const === undefined ? undefined : [before.const]);
    if (said === undefined) breaks.push(`${path} takes certain values only`);
    for (const value of said ?? []) if (!allowed.includes(value)) breaks.push(`${path} takes ${value} no longer`);
  }
  for (const rule of upper) {
    const limit = after[rule];
    if (limit !== undefined && limit < (before[rule] ?? Number.POSITIVE_INFINITY))
      breaks.push(`${path} has a smaller ${rule}`);
  }
  if (after.minimum !== undefined && after.minimum > (before.minimum ?? Number.NEGATIVE_INFINITY)) {
    breaks.push(`${path} has a larger minimum`);
  }
  if (after.pattern !== undefined && after.pattern !== before.pattern) breaks.push(`${path} has another pattern`);
  if (before.items !== undefined && after.items !== undefined)
    breaks.push(...narrowed(before.items, after.items, `${path}[]`));
  for (const one of before.anyOf ?? []) {
    const choices = after.anyOf ?? [after];
    if (!choices.some((choice) => narrowed(one, choice, path).length === 0)) breaks.push(`${path} lost an alternative`);
  }
  return [...breaks, ...membersNarrowed(before, after, path)];
};

/**
 * What of a released contract would break a program that was written for it. What the hub takes may only grow looser,
 * what it says only stricter.
 */
export const breaksOf = (released: Contract, present: Contract): string[] =>
  Object.entries(released.operations).flatMap(([name, { action, channel }]) => {
    const now = present.operations[name];
    if (now?.action !== action || now.channel.$ref !== channel.$ref) return [`the operation ${name} is gone`];
    const key = channel.$ref.replace('#/channels/', '');
    const [before, after] = [released.channels[key]!, present.channels[key]!];
    if (after.address !== before.address) return [`${before.address} became ${after.address}`];
    return Object.entries(before.messages).flatMap(([message, { payload = {} }]) => {
      const path = `${key}/${message}`;
      const kept = after.messages[message];
      if (kept === undefined) return [`${path} is gone`];
      const said = kept.payload ?? {};
      return action === 'receive' ? narrowed(payload, said, path) : narrowed(said, payload, path);
    });
  });
