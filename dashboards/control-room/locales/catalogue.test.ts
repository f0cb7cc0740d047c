import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';
import { parse } from 'yaml';
import { deviceEvents } from '../../../devices/device-events.ts';
import { refusalCodes } from '../../../devices/dialect.ts';
import { accessGate } from '../../../devices/kinds/access-gate/contract.ts';
import { camera } from '../../../devices/kinds/camera/contract.ts';
import { chargingPost } from '../../../devices/kinds/charging-post/contract.ts';
import { sensor } from '../../../devices/kinds/sensor/contract.ts';
import { plural } from './plural.ts';

const root = join(import.meta.dirname, '..');

type Catalogue = { [key: string]: string | Catalogue };
const catalogue = (language: string): Catalogue =>
  JSON.parse(readFileSync(join(root, `locales/${language}.json`), 'utf8'));
const flat = (node: Catalogue, prefix = ''): Map<string, string> =>
  new Map(
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
const zh = flat(catalogue('zh'));
const en = flat(catalogue('en'));
const languages = [
  ['zh', zh],
  ['en', en],
] as const;

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.ts$|^dist|fixture/.test(name))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const withoutComments = (text: string): string =>
  text
    .replace(/\{\/\*[\s\S]*?\*\/\}/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');

/** Whole keys, and what stands before the first `${` of a computed one. */
const usedIn = (text: string): { keys: string[]; prefixes: string[] } => {
  const keys = [...text.matchAll(/'([a-z][A-Za-z]*(?:\.[A-Za-z0-9-]+)+)'/g)].map((match) => match[1]!);
  const prefixes = [...text.matchAll(/\bt\(\s*`([a-zA-Z]+(?:\.[A-Za-z]+)*\.)\$\{/g)].map((match) => match[1]!);
  const families = [...text.matchAll(/\bword\(\s*['`]([a-zA-Z.]+)['`]/g)].map((match) => `${match[1]}.`);
  return { keys, prefixes: [...prefixes, ...families] };
};
const used = sources.map(({ text }) => usedIn(withoutComments(text)));
const keys = new Set(used.flatMap((use) => use.keys));
const prefixes = [...new Set([...used.flatMap((use) => use.prefixes), 'data.'])];

test('both catalogues have the same keys', () => {
  expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
});

test.each(languages)('%s: no text is empty, and both fill in the same values', (_language, texts) => {
  const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
  for (const [key, text] of texts) {
    expect(`${key}: ${text.trim()}`).not.toBe(`${key}: `);
    expect([key, values(text)]).toEqual([key, values(zh.get(key) ?? '')]);
  }
});

/** “1 orders”: a number before a noun that isn't made to follow it. */
const stiff =
  /\{\{\w+\}\} (?:[a-z]+ )?(?:orders|reports|events|stars|days|weeks|months|points|rows|problems|lines|matters|compounds)\b/;
const alwaysMany = ['order.coversMore', 'policy.test'];

test('an English noun follows its number', async () => {
  expect([...en].filter(([key, text]) => stiff.test(text) && !alwaysMany.includes(key))).toEqual([]);
  const i18n = i18next.createInstance();
  await i18n.init({ lng: 'en', resources: { en: { translation: catalogue('en') } } });
  i18n.services.formatter?.add('plural', plural);
  expect([1, 2].map((n) => i18n.t('orders.shown', { n }))).toEqual(['1 order', '2 orders']);
});

test('every key that a component asks for is there', () => {
  const asked = sources.flatMap(({ name, text }) =>
    [...withoutComments(text).matchAll(/\bt\(\s*(?:\w+ \? )?'([^']+)'(?: : '([^']+)')?/g)].flatMap((match) =>
      [match[1], match[2]].filter((key) => key !== undefined).map((key) => ({ name, key })),
    ),
  );
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter(({ key }) => !zh.has(key))).toEqual([]);
});

test('a fault is called as in the titles of the hub', () => {
  const hub: Record<string, { zh: string; en: string }> = parse(
    readFileSync(join(root, '../../services/work-orders/fault-words.yaml'), 'utf8'),
  );
  for (const [code, words] of Object.entries(hub)) {
    expect([code, zh.get(`fault.${code}`), en.get(`fault.${code}`)?.toLowerCase()]).toEqual([
      code,
      words.zh,
      words.en.toLowerCase(),
    ]);
  }
});

test('everything a device may say has words', () => {
  const kinds = [accessGate, camera, chargingPost, sensor];
  const types = [...kinds.flatMap(({ events }) => Object.keys(events)), ...Object.keys(deviceEvents)];
  expect(types.filter((type) => !zh.has(`event.${type}`))).toEqual([]);
});

test('every reason of a refusal has words', () => {
  expect(refusalCodes.filter((code) => !zh.has(`refusal.${code}`))).toEqual([]);
});

test('every computed key has its family', () => {
  expect(prefixes.filter((prefix) => ![...zh.keys()].some((key) => key.startsWith(prefix)))).toEqual([]);
});

test('no text is there for nothing', () => {
  const unused = [...zh.keys()].filter((key) => !keys.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

test('no words in the components themselves', () => {
  const components = sources.filter(({ name }) => name.endsWith('.tsx'));
  const chinese = components.filter(({ text }) => /[\u3000-\u9fff]/.test(withoutComments(text)));
  const bare = components.flatMap(({ name, text }) =>
    [...withoutComments(text).matchAll(/<[a-zA-Z][^<>]*[^=]>\s*([A-Z]?[a-z]{2,}(?: [a-z]+)*)\s*<\//g)].map(
      (match) => `${name}: ${match[1]}`,
    ),
  );
  expect(chinese.map(({ name }) => name)).toEqual([]);
  expect(bare).toEqual([]);
});
