import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CommandWish } from './commands.ts';
import { decodeChecked } from './decode-checked.ts';
import { deviceEventKeeping, deviceEvents } from './device-events.ts';
import type { Answer, Decoded, Dialect, DialectMessage } from './dialect.ts';
import { dialects } from './dialects/registry.ts';
import { type DialectExample, exampleMessage, examplePayload, loadExamples } from './example-file.ts';
import { devicesFolder, dialectNames, exampleKind, kindFolders, registryFiles } from './generate-registries.ts';
import type { Kind } from './kind.ts';
import { example } from './kinds/example/contract.ts';
import { kinds } from './kinds/registry.ts';
import { type Quantity, quantities } from './quantities.ts';
import { isTopicFilter, isTopicName, topicMatches } from './topic-filter.ts';
import { contractOf, kindOfType } from './vocabulary.ts';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const noMemory = (): undefined => undefined;
/** Fixed, so that a build says the same twice; another seed looks elsewhere. */
const seed = Number(process.env.LAWS_SEED ?? 20260301);

const examplesOf = (dialect: Dialect): DialectExample[] =>
  loadExamples(join(devicesFolder, 'dialects', `${dialect.name}.examples.yaml`));

const claims = (dialect: Dialect, topic: string): boolean =>
  dialect.topics.some((filter) => topicMatches(filter, topic));

const decodeExample = (dialect: Dialect, entry: DialectExample): Decoded =>
  decodeChecked(dialect, exampleMessage(entry), (key) => entry.recall[key]);

const bytesOf = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
/** So that a difference can be read, whatever the bytes are. */
const textOf = (payload: string | Uint8Array): string => Buffer.from(bytesOf(payload)).toString('latin1');

const repeated = (words: readonly string[]): string[] => words.filter((word, index) => words.indexOf(word) !== index);

describe('the registries', () => {
  test.each(registryFiles(devicesFolder))('$path is what the folders say', ({ path, text }) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('names are unique and those of the folder or file', () => {
    expect(kinds.map(({ kind }) => kind)).toEqual(kindFolders(devicesFolder).filter((name) => name !== exampleKind));
    expect(dialects.map(({ name }) => name)).toEqual(dialectNames(devicesFolder));
  });
});

test.each(Object.entries<Quantity>(quantities))('quantity %s has a unit, a range and both titles', (name, quantity) => {
  expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
  expect(quantity.unit).not.toBe('');
  expect(quantity.min).toBeLessThan(quantity.max);
  expect(quantity.title.zh).not.toBe('');
  expect(quantity.title.en).not.toBe('');
});

test('no two kinds share an event type, and none takes a word of every device', () => {
  const all = [...kinds, example as Kind].flatMap(({ events }) => Object.keys(events));
  expect(repeated([...all, ...Object.keys(deviceEvents)])).toEqual([]);
});

test.each([
  ['every device', deviceEvents, deviceEventKeeping],
  ...[...kinds, example as Kind].map(({ kind, events, keeping }) => [kind, events, keeping] as const),
])('every event type of %s says whether it may expire, and nothing else does', (_kind, events, keeping) => {
  expect(Object.keys(keeping).sort()).toEqual(Object.keys(events).sort());
  for (const how of Object.values(keeping)) expect(['for-good', 'for-a-while']).toContain(how);
});

/** The message that a kind's README tells the reader to publish. */
const readmeMessage = (readme: string): { topic: string; body: string } => {
  const topic = /-t (\S+)/.exec(readme)?.[1];
  const body = /-m '([^']*)'/.exec(readme)?.[1];
  if (topic === undefined || body === undefined) throw new Error("README.md shows no mosquitto_pub with -t and -m '…'");
  return { topic, body };
};

describe.each([...kinds, example as Kind])('kind $kind', (kind) => {
  const readme = readFileSync(join(devicesFolder, 'kinds', kind.kind, 'README.md'), 'utf8');

  test('is named in both languages and knows when its silence counts', () => {
    expect(kind.kind).toMatch(kebabCase);
    expect(kind.title.zh).not.toBe('');
    expect(kind.title.en).not.toBe('');
    expect(kind.silentAfterSeconds).toBeGreaterThan(0);
  });

  test.each(Object.entries(kind.events))('%s is well named, strict and documented', (type, contract) => {
    expect(type).toMatch(/^[a-z0-9-]+\.[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(contract.safeParse('text').success).toBe(false);
    const issues = contract.safeParse({ 'no such key': 1 }).error?.issues ?? [];
    expect(issues.map(({ code }) => code)).toContain('unrecognized_keys');
    expect(readme).toContain(`\`${type}\``);
  });

  test('the README shows a message that the hub takes', () => {
    const { topic, body } = readmeMessage(readme);
    const { type, data } = JSON.parse(body) as { type: string; data: unknown };
    expect(kind.events[type]?.safeParse(data).error).toBeUndefined();
    const canonical = dialects.find(({ name }) => name === 'canonical')!;
    expect(claims(canonical, topic)).toBe(true);
    const payload = new TextEncoder().encode(body);
    const decoded = decodeChecked(canonical, { topic, payload, retain: false, timeZone: 'Asia/Shanghai' }, noMemory);
    const known = kind.kind !== exampleKind;
    expect(decoded.outcome).toBe(known ? 'facts' : 'refused');
  });
});

/** Each command as somebody may ask for it. */
const wishes: CommandWish[] = [
  { command: 'open-gate', arguments: { door: '1' } },
  { command: 'restart', arguments: {} },
  { command: 'start-charging', arguments: { connector: 1 } },
  { command: 'stop-charging', arguments: { session: '7' } },
  { command: 'unlock-connector', arguments: { connector: 1 } },
  { command: 'switch', arguments: { on: true } },
];

describe.each(dialects)('dialect $name', (dialect) => {
  const examples = examplesOf(dialect);

  test('says who it is and what it claims', () => {
    expect(dialect.name).toMatch(kebabCase);
    expect(dialect.title.zh).not.toBe('');
    expect(dialect.title.en).not.toBe('');
    const known = kinds.map(({ kind }) => kind);
    expect(dialect.kinds.filter((kind) => !known.includes(kind))).toEqual([]);
    expect(dialect.kinds.length).toBeGreaterThan(0);
    expect(dialect.topics.length).toBeGreaterThan(0);
    expect(dialect.topics.filter((filter) => !isTopicFilter(filter))).toEqual([]);
  });

  test.each(examples.map((entry) => [entry.description, entry] as const))('%s', (_description, entry) => {
    const { answers = [], ...decoded } = decodeExample(dialect, entry);
    expect(answers.map(({ topic, payload }) => [topic, textOf(payload)])).toEqual(
      (entry.expect.answers ?? []).map(({ topic, ...said }) => [topic, textOf(examplePayload(said))]),
    );
    if ('refused' in entry.expect) {
      expect(decoded).toMatchObject({ outcome: 'refused', code: entry.expect.refused });
      const { field, reason } = decoded as { field?: string; reason: string };
      expect(reason).toMatch(/\S/);
      if (entry.expect.field !== undefined) expect(field).toBe(entry.expect.field);
      return;
    }
    const { remember } = entry.expect;
    const outcome =
      'facts' in entry.expect
        ? { outcome: 'facts', facts: entry.expect.facts }
        : { outcome: 'no-op', reason: entry.expect.noOp };
    expect(decoded).toEqual({ ...outcome, ...(remember === undefined ? {} : { remember }) });
  });

  test('descriptions are unique; facts, a refusal and a no-op are all shown', () => {
    expect(repeated(examples.map(({ description }) => description))).toEqual([]);
    const shown = new Set(examples.map(({ expect: { ...outcome } }) => Object.keys(outcome)[0]));
    expect([...shown].sort()).toEqual(expect.arrayContaining(['facts', 'noOp', 'refused']));
  });

  test('claims every topic of its examples, and no other dialect does', () => {
    for (const { topic } of examples) {
      expect(isTopicName(topic)).toBe(true);
      expect(dialects.filter((other) => claims(other, topic)).map(({ name }) => name)).toEqual([dialect.name]);
    }
  });

  test('names the device in its own ecosystem, and a kind that it brings', () => {
    const facts = examples.flatMap((entry) => ('facts' in entry.expect ? entry.expect.facts : []));
    expect(facts.some(({ externalId }) => externalId !== undefined && externalId !== '')).toBe(true);
    for (const { kind, type, externalId } of facts) {
      if (kind !== undefined) expect(dialect.kinds).toContain(kind);
      // Without a kind the hub could not adopt a device that it hears for the first time.
      if (externalId !== undefined && kindOfType(type) !== undefined) expect(kind).toBeDefined();
    }
  });

  test('is answered where its devices listen, and nothing comes of the hub hearing itself', () => {
    for (const entry of examples) {
      const { answers = [] } = decodeExample(dialect, entry);
      for (const answer of answers) expectAnswerable(dialect, answer, entry.timeZone);
    }
    expect((dialect.downlinks ?? []).filter((filter) => !isTopicFilter(filter))).toEqual([]);
  });

  test.each(wishes)('says $command where its devices listen, or that it has no words', (wish) => {
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
    for (const externalId of [undefined, '405419896']) {
      const device = { id: 'device-1', compound: 'plum-court', externalId };
      const said = dialect.command?.({ ...wish, id, device, at: '2026-03-01T00:00:00.000Z' }, noMemory);
      if (said === undefined) continue;
      if ('impossible' in said) expect(said.impossible).toMatch(/\S/);
      else expectAnswerable(dialect, said, 'Asia/Shanghai');
    }
  });

  test('is pure: the same message gives the same answer and is left as it was', () => {
    for (const entry of examples) {
      const message = exampleMessage(entry);
      const before = structuredClone(message);
      const first = structuredClone(dialect.decode(message, (key) => entry.recall[key]));
      expect(message).toEqual(before);
      expect(dialect.decode(message, (key) => entry.recall[key])).toEqual(first);
    }
  });
});

/** Values that real firmware puts where another was meant. */
const replacement = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1e308, 'NaN', '1', true, [], {}, [null], '1970-01-01 00:00:00'),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A copy of `json` with the `place`th value (counted through the tree) replaced; `undefined` takes it out. */
const withOneReplaced = (json: unknown, place: number, value: unknown): unknown => {
  const copy = structuredClone(json);
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  if (places.length === 0) return value;
  const [parent, key] = places[place % places.length]!;
  if (value === undefined && !Array.isArray(parent)) delete parent[key];
  else parent[key] = value;
  return copy;
};

/** A topic that the filter takes in: `+` and `#` filled from `levels`. */
const filledIn = (filter: string, levels: string[]): string => {
  const rest = [...levels];
  const filled = filter.split('/').flatMap((level) => {
    if (level === '+') return [rest.shift() ?? ''];
    return level === '#' ? rest.splice(0, rest.length % 5) : [level];
  });
  return filled.join('/') || '/';
};

/** A device of the dialect may listen there, and the hub that hears itself through a broker takes it for nothing. */
const expectAnswerable = (dialect: Dialect, { topic, payload }: Answer, timeZone: string): void => {
  expect(isTopicName(topic)).toBe(true);
  expect([...dialect.topics, ...(dialect.downlinks ?? [])].some((filter) => topicMatches(filter, topic))).toBe(true);
  if (!claims(dialect, topic)) return;
  const echo = { topic, payload: bytesOf(payload), retain: false, timeZone };
  const { outcome, answers } = decodeChecked(dialect, echo, noMemory);
  expect(outcome).not.toBe('facts');
  expect(answers).toBeUndefined();
};

/** One of the three outcomes, well formed; the contract check may be the one that refuses. */
const expectSound = (dialect: Dialect, message: DialectMessage, recall: (key: string) => string | undefined): void => {
  expect(() => dialect.decode(message, recall)).not.toThrow();
  const decoded = decodeChecked(dialect, message, recall);
  for (const answer of decoded.answers ?? []) expectAnswerable(dialect, answer, message.timeZone);
  switch (decoded.outcome) {
    case 'facts':
      expect(decoded.facts.length).toBeGreaterThan(0);
      for (const { type, data } of decoded.facts) expect(contractOf(type)?.safeParse(data).success).toBe(true);
      break;
    case 'no-op':
      expect(decoded.reason).toMatch(kebabCase);
      break;
    case 'refused':
      expect(decoded.reason).toMatch(/\S/);
      break;
    default:
      throw new Error(`no such outcome: ${JSON.stringify(decoded)}`);
  }
};

describe.each(dialects)('dialect $name', (dialect) => {
  const examples = examplesOf(dialect);
  const anExample = fc.constantFrom(...examples);
  const aMemory = fc.option(fc.string(), { nil: undefined });

  test('bears any bytes', () => {
    fc.assert(
      fc.property(anExample, fc.uint8Array({ maxLength: 200 }), aMemory, (entry, payload, memory) => {
        expectSound(dialect, { ...exampleMessage(entry), payload }, () => memory);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('bears its own messages cut short or with one byte changed', () => {
    const place = fc.nat();
    fc.assert(
      fc.property(anExample, place, fc.option(fc.integer({ min: 0, max: 255 })), (entry, where, byte) => {
        const message = exampleMessage(entry);
        const at = where % (message.payload.length + 1);
        const payload =
          byte === null ? message.payload.slice(0, at) : message.payload.map((old, i) => (i === at ? byte : old));
        expectSound(dialect, { ...message, payload }, (key) => entry.recall[key]);
      }),
      { seed, numRuns: 100 },
    );
  });

  test('bears any JSON', () => {
    fc.assert(
      fc.property(anExample, fc.json({ maxDepth: 4 }), aMemory, (entry, json, memory) => {
        expectSound(dialect, { ...exampleMessage(entry), payload: new TextEncoder().encode(json) }, () => memory);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('bears its own messages with one value replaced or missing', () => {
    const structured = examples.filter(({ payload }) => typeof payload === 'object' && payload !== null);
    if (structured.length === 0) return;
    const somewhere = fc.nat();
    fc.assert(
      fc.property(fc.constantFrom(...structured), somewhere, replacement, (entry, place, value) => {
        const payload = new TextEncoder().encode(JSON.stringify(withOneReplaced(entry.payload, place, value)) ?? '');
        expectSound(dialect, { ...exampleMessage(entry), payload }, (key) => entry.recall[key]);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('bears any topic that it claims', () => {
    const inherited = fc.constantFrom('constructor', '__proto__', 'toString');
    const level = fc.oneof(inherited, fc.stringMatching(/^[A-Za-z0-9 .:_{}-]{0,12}$/));
    const topic = fc
      .tuple(fc.constantFrom(...dialect.topics), fc.array(level, { minLength: 12, maxLength: 12 }))
      .map(([filter, levels]) => filledIn(filter, levels));
    fc.assert(
      fc.property(topic, anExample, (filled, entry) => {
        expectSound(dialect, { ...exampleMessage(entry), topic: filled }, noMemory);
      }),
      { seed, numRuns: 300 },
    );
  });
});
