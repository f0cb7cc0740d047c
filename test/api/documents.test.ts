import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dialect as canonical } from '../../devices/dialects/canonical.ts';
import { topicMatches } from '../../devices/topic-filter.ts';
import { eventTypes } from '../../devices/vocabulary.ts';
import { asyncApiDocument } from '../../services/api/asyncapi.ts';
import { openApiDocument } from '../../services/api/openapi.ts';
import { commandedCompound } from '../../services/ingest/work-order-commands.ts';

const goldenFolder = fileURLToPath(new URL('../golden/', import.meta.url));

/** OpenAPI by resource: `/api/compounds/{id}` stands in `openapi/compounds.json`, what all have in common in `openapi/head.json`. */
const openApiFiles = (): Record<string, unknown> => {
  const { paths, ...head } = openApiDocument();
  const files: Record<string, Record<string, unknown>> = { 'openapi/head.json': head };
  for (const [path, operations] of Object.entries(paths ?? {})) {
    const name = `openapi/${path.split('/').find((part) => part !== '' && part !== 'api') ?? 'root'}.json`;
    files[name] = { ...files[name], [path]: operations };
  }
  return files;
};

const documents: Record<string, unknown> = { 'asyncapi.json': asyncApiDocument(), ...openApiFiles() };

/** Integrators code against these: a change shows in review. `UPDATE_GOLDEN=1 npm test -- test/api/documents` writes them. */
test.each(Object.keys(documents))('%s is what the hub says', async (name) => {
  const text = `${JSON.stringify(documents[name], null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN) {
    await mkdir(join(goldenFolder, 'openapi'), { recursive: true });
    await writeFile(join(goldenFolder, name), text);
  }
  expect(await readFile(join(goldenFolder, name), 'utf8')).toBe(text);
});

test('no resource is left there that the hub has no longer', async () => {
  const left = await readdir(join(goldenFolder, 'openapi'));
  expect(left.map((name) => `openapi/${name}`).filter((name) => documents[name] === undefined)).toEqual([]);
});

describe('the AsyncAPI text', () => {
  const document = asyncApiDocument();

  test('names a channel for every operation, a role for the hub in it, and messages', () => {
    expect(document.asyncapi).toBe('3.0.0');
    for (const { action, channel } of Object.values(document.operations)) {
      const name = channel.$ref.replace('#/channels/', '');
      expect(Object.keys(document.channels)).toContain(name);
      expect(['send', 'receive']).toContain(action);
    }
    for (const { address, parameters, messages } of Object.values(document.channels)) {
      const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters).sort()).toEqual(named.sort());
      expect(Object.keys(messages).length).toBeGreaterThan(0);
    }
  });
  test('offers to devices only topics that the hub reads, and every word of the vocabulary', () => {
    const received = Object.values(document.operations).filter(({ action }) => action === 'receive');
    for (const { channel } of received) {
      const name = channel.$ref.replace('#/channels/', '') as keyof typeof document.channels;
      const topic = document.channels[name].address.replace('{compound}', 'harbour-view').replace('{device}', 'gate-1');
      const isRead = canonical.topics.some((filter) => topicMatches(filter, topic));
      expect(isRead || commandedCompound(topic) === 'harbour-view').toBe(true);
    }
    expect(Object.keys(document.channels.events.messages).sort()).toEqual([...eventTypes].sort());
  });
});

describe('the OpenAPI text', () => {
  const document = openApiDocument() as unknown as {
    paths: Record<
      string,
      Record<
        string,
        { security?: unknown[]; responses: Record<string, unknown>; parameters?: { name: string; in: string }[] }
      >
    >;
  };
  test('names every parameter of a path, an answer and the problem of every operation', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { responses, parameters = [] } of Object.values(methods)) {
        const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(inPath.sort()).toEqual(named.sort());
        expect(Object.keys(responses)).toEqual([expect.stringMatching(/^20\d$/), 'default']);
      }
    }
  });
});
