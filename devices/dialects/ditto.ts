import { z } from 'zod';
import { factsOfFields } from '../codecs/known-fields.ts';
import { type Field, flatten } from '../codecs/object-fields.ts';
import { defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { timeFromIso } from '../time.ts';

type Properties = Record<string, unknown>;

const envelope = z.looseObject({
  topic: z.string().max(500),
  path: z.string().max(1_000).default('/'),
  value: z.unknown().optional(),
  revision: z.int().min(0).optional(),
  timestamp: z.string().max(100).optional(),
});

const object = z.record(z.string(), z.unknown());
const objectOf = (value: unknown): Properties => object.safeParse(value).data ?? {};

/** What a value says of each feature; attributes describe a thing (where it hangs, whose it is) and are not read. */
const featuresOf = ([root, feature, part, ...property]: string[], value: unknown): [feature: string, Properties][] => {
  if (root === undefined) return featuresOf(['features'], objectOf(value).features);
  if (root !== 'features') return [];
  if (feature === undefined) {
    return Object.entries(objectOf(value)).flatMap(([name, said]) => featuresOf(['features', name], said));
  }
  if (part === undefined) return [[feature, objectOf(objectOf(value).properties)]];
  if (part !== 'properties') return [];
  return [[feature, property.reduceRight((said, name) => ({ [name]: said }), value) as Properties]];
};

/** A feature named as what it measures holds it as its `value`, as in Vorto's function blocks. */
const fieldsOf = ([feature, properties]: [string, Properties]): Field[] => {
  const said = typeof properties === 'object' && properties !== null ? properties : {};
  const { value, ...others } = said;
  return [...(value === undefined ? [] : flatten({ [feature]: value })), ...flatten({ [feature]: others })];
};

/** Words of the Ditto protocol that say how a thing is: what happened to its twin, or what a device asks to be written. */
const saying = new Set(['events created', 'events modified', 'events merged']);
const asking = new Set(['commands create', 'commands modify', 'commands merge']);

const decodeThing = (message: z.infer<typeof envelope>, thing: string, timeZone: string): Decoded => {
  const { path, value, revision, timestamp } = message;
  const steps = path.split('/').filter((step) => step !== '');
  const time = timestamp === undefined ? undefined : timeFromIso(timestamp, timeZone);
  if (timestamp !== undefined && time === undefined) {
    return refused('contract-violated', 'timestamp: not an RFC 3339 time', 'timestamp');
  }
  const said = featuresOf(steps, value).flatMap((feature) => factsOfFields(fieldsOf(feature)));
  const seen: DeviceFact = { type: 'device.seen', data: {} };
  const source = revision === undefined ? {} : { sourceId: `revision:${revision}` };
  // Without a time a thing that is made anew would be taken for the one before.
  const restarts = revision !== undefined && time === undefined ? { sourceIdRestarts: true as const } : {};
  const shared = { externalId: thing, kind: 'sensor', ...defined({ time }), ...source, ...restarts };
  return facts(...(said.length === 0 ? [seen] : said).map((fact) => ({ ...fact, ...shared })));
};

/** Eclipse Ditto's protocol, as its connections publish it to a broker: what happened to the twins of things. */
export const dialect: Dialect = {
  name: 'ditto',
  title: { zh: 'Eclipse Ditto 数字孪生', en: 'Eclipse Ditto' },
  kinds: ['sensor'],
  topics: ['ditto/#'],
  decode({ payload, timeZone }) {
    if (payload.length === 0) return noOp('nothing-said');
    const parsed = parseJson(payload, envelope);
    if (!parsed.ok) return parsed.refusal;
    const [namespace, name, group, channel, criterion, action] = parsed.value.topic.split('/');
    if (!namespace || !name || group !== 'things' || criterion === undefined) {
      const reason = `"${parsed.value.topic.slice(0, 100)}" is no topic of the Ditto protocol about a thing: <namespace>/<name>/things/twin/events/modified.`;
      return refused('contract-violated', reason, 'topic');
    }
    const word = `${criterion} ${action ?? ''}`;
    if (saying.has(word) || asking.has(word)) return decodeThing(parsed.value, `${namespace}:${name}`, timeZone);
    if (word === 'events deleted') return noOp('state-deleted');
    return noOp(channel === 'live' ? 'live-message' : 'no-event');
  },
};
