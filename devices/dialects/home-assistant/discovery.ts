import { z } from 'zod';
import { type Decoded, noOp } from '../../dialect.ts';
import { contractRefusal, parseJson } from '../../payload.ts';
import { type Entity, entity } from './entity.ts';

type Recall = (key: string) => string | undefined;

/** The short spellings that Home Assistant allows in a discovery message, of the keys that are read here. */
const abbreviations: Readonly<Record<string, string>> = {
  avty: 'availability',
  avty_t: 'availability_topic',
  cmps: 'components',
  dev: 'device',
  dev_cla: 'device_class',
  ids: 'identifiers',
  obj_id: 'object_id',
  p: 'platform',
  pl_avail: 'payload_available',
  pl_not_avail: 'payload_not_available',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  stat_t: 'state_topic',
  t: 'topic',
  uniq_id: 'unique_id',
  unit_of_meas: 'unit_of_measurement',
  val_tpl: 'value_template',
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Long spellings throughout, `~` of a topic filled in. What components are called is no key to be spelt out. */
const writtenOut = (value: unknown, base: string, areNames = false, depth = 0): unknown => {
  if (typeof value === 'string') return value.replace(/^~/, base).replace(/~$/, base);
  if (depth > 4) return undefined;
  if (Array.isArray(value)) return value.map((item) => writtenOut(item, base, false, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([short, item]) => {
      const key = !areNames && Object.hasOwn(abbreviations, short) ? (abbreviations[short] ?? short) : short;
      return [key, writtenOut(item, base, !areNames && key === 'components', depth + 1)];
    }),
  );
};

const text = z.string().max(300);
const word = z.union([text, z.number().transform(String), z.boolean().transform(String)]).optional();

const availability = z.looseObject({
  topic: text,
  payload_available: word,
  payload_not_available: word,
  value_template: text.optional(),
});

const component = z.looseObject({
  platform: text.optional(),
  state_topic: text.optional(),
  value_template: text.optional(),
  device_class: text.nullish(),
  unit_of_measurement: text.nullish(),
  payload_on: word,
  payload_off: word,
  unique_id: text.optional(),
  object_id: text.optional(),
  name: text.nullish(),
  availability_topic: text.optional(),
  payload_available: word,
  payload_not_available: word,
  availability: z.union([z.array(availability).max(10), availability.transform((one) => [one])]).optional(),
  device: z
    .looseObject({
      identifiers: z.union([text.transform((one) => [one]), z.array(text)]).optional(),
      name: text.nullish(),
    })
    .optional(),
});
type Component = z.infer<typeof component>;

const discovery = component.extend({ components: z.record(z.string(), component).optional() });

/** `{{ value_json.key }}` and `{{ value_json["key"] }}` with a filter that makes a number of it; real Jinja is not run. */
const pathOf = (template: string | undefined): string | undefined => {
  if (template === undefined || /^\{\{\s*value\s*\}\}$/.test(template)) return '';
  const match =
    /^\{\{\s*value_json((?:\.\w+|\[["'][^"'\]]+["']\])+)\s*(?:\|\s*(?:float|int|round)(?:\([^)]*\))?\s*)*\}\}$/.exec(
      template.trim(),
    );
  const path = match?.[1];
  return path === undefined
    ? undefined
    : [...path.matchAll(/\.(\w+)|\[["']([^"'\]]+)["']\]/g)].map(([, key, quoted]) => key ?? quoted).join('.');
};

export const stateKey = (topic: string): string => `state:${topic}`;
const configKey = (path: string): string => `config:${path}`;

const entityList = z.array(entity).max(200);

/** What the hub knows to be said on that topic. */
export const entitiesOn = (topic: string, recall: Recall): Entity[] => {
  const memory = recall(stateKey(topic));
  if (memory === undefined) return [];
  try {
    return entityList.safeParse(JSON.parse(memory)).data ?? [];
  } catch {
    return [];
  }
};

const read = (said: Component, about: { path: string; id: string; component: string }): Entity | string => {
  const { state_topic: topic, value_template: template } = said;
  if (topic === undefined) return 'no-state';
  if (!topic.startsWith('homeassistant/')) return 'state-topic-elsewhere';
  const path = pathOf(template);
  if (path === undefined) return 'template-not-read';
  const device = said.device?.identifiers?.[0] ?? said.unique_id ?? about.id;
  return {
    id: about.path,
    component: about.component,
    device: device.slice(0, 200),
    name: (said.device?.name ?? said.name ?? device).slice(0, 200),
    part: (said.object_id ?? about.id).slice(0, 100),
    deviceClass: said.device_class ?? '',
    unit: said.unit_of_measurement ?? '',
    path,
    on: said.payload_on ?? 'ON',
    off: said.payload_off ?? 'OFF',
  };
};

const availabilityEntities = (said: Component, of: Entity): { topic: string; entity: Entity }[] => {
  const { availability_topic: topic, payload_available, payload_not_available } = said;
  const own = topic === undefined ? [] : [{ topic, payload_available, payload_not_available }];
  const listed: z.infer<typeof availability>[] = [...own, ...(said.availability ?? [])];
  return listed.flatMap((one) => {
    const path = pathOf(one.value_template);
    if (path === undefined || !one.topic.startsWith('homeassistant/')) return [];
    const on = one.payload_available ?? 'online';
    const off = one.payload_not_available ?? 'offline';
    return [{ topic: one.topic, entity: { ...of, component: 'availability', path, on, off } }];
  });
};

/** Everything that the entities of one discovery message are said on, merged with what other messages said of the topic. */
const remembered = (
  path: string,
  told: readonly { topic: string; entity: Entity }[],
  recall: Recall,
): Record<string, string | null> => {
  const before = (recall(configKey(path)) ?? '').split('\n').filter((topic) => topic !== '');
  const topics = [...new Set(told.map(({ topic }) => topic))];
  const entries = [...new Set([...before, ...topics])].map((topic): [string, string | null] => {
    const others = entitiesOn(topic, recall).filter(({ id }) => id !== path);
    const all = [...others, ...told.filter((one) => one.topic === topic).map((one) => one.entity)];
    return [stateKey(topic), all.length === 0 ? null : JSON.stringify(all.slice(0, 200))];
  });
  return Object.fromEntries([...entries, [configKey(path), topics.length === 0 ? null : topics.join('\n')]]);
};

const toldBy = (component: string, id: string, path: string, said: Component) => {
  const entity = read(said, { path, id, component });
  if (typeof entity === 'string') return { reason: entity, told: [] };
  return { told: [{ topic: said.state_topic ?? '', entity }, ...availabilityEntities(said, entity)] };
};

/** `homeassistant/<component>/[<node>/]<object>/config`, retained; empty takes the entity away. */
export const decodeDiscovery = (levels: readonly string[], payload: Uint8Array, recall: Recall): Decoded => {
  const path = levels.join('/');
  const [kind = ''] = levels;
  const id = levels.slice(1).join('-');
  if (payload.length === 0) {
    return { outcome: 'no-op', reason: 'entity-removed', remember: remembered(path, [], recall) };
  }
  const parsed = parseJson(payload, z.looseObject({ '~': text.optional() }));
  if (!parsed.ok) return parsed.refusal;
  const config = discovery.safeParse(writtenOut(parsed.value, parsed.value['~'] ?? ''));
  if (!config.success) return contractRefusal(config.error);
  const { components, ...said } = config.data;
  const parts =
    components === undefined
      ? [toldBy(kind, id, path, said)]
      : Object.entries(components).map(([name, own]) => toldBy(own.platform ?? '', name, path, { ...said, ...own }));
  const told = parts.flatMap((part) => part.told);
  if (told.length === 0) return noOp(parts[0]?.reason ?? 'no-state');
  return { outcome: 'no-op', reason: 'entity-described', remember: remembered(path, told, recall) };
};
