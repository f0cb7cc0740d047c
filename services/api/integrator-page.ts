import { deviceEvents } from '../../devices/device-events.ts';
import { refusalCodes } from '../../devices/dialect.ts';
import { dialects } from '../../devices/dialects/registry.ts';
import { kinds } from '../../devices/kinds/registry.ts';
import { quantities } from '../../devices/quantities.ts';
import { contractOf } from '../../devices/vocabulary.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { jsonSchema } from './contract-schemas.ts';
import { pageWords, refusalWords } from './integrator-words.ts';

export type Language = 'zh' | 'en';

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  format?: string;
  pattern?: string;
}

interface Field {
  path: string;
  type: string;
  isRequired: boolean;
  rule: string;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replace(/[&<>"]/g, (letter) => entities[letter]!);
const code = (value: string): string => `<code>${text(value)}</code>`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th>${text(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

/** zod bounds whole numbers by what JavaScript can hold: that is no rule of the contract. */
const isBound = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

const ruleOf = (schema: Schema): string => {
  const { minimum, maximum, maxLength, format, pattern } = schema;
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  return [
    ...(isBound(minimum) ? [`≥ ${minimum}`] : []),
    ...(isBound(maximum) ? [`≤ ${maximum}`] : []),
    ...(maxLength === undefined ? [] : [`≤ ${maxLength} characters`]),
    ...(format === undefined ? [] : [format]),
    ...(pattern === undefined || format !== undefined ? [] : [pattern]),
  ].join(', ');
};

const fieldsOf = (schema: Schema, prefix = ''): Field[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
    const path = `${prefix}${name}`;
    const type = of.type ?? of.anyOf?.map((one) => one.type ?? '').join(' | ') ?? '';
    const field = { path, type, isRequired: schema.required?.includes(name) ?? false, rule: ruleOf(of) };
    // The quantities have a table of their own.
    if (name === 'values') return [field];
    const below = [of, of.items ?? {}, ...(of.anyOf ?? [])].flatMap((one) => fieldsOf(one, `${path}.`));
    return [field, ...below];
  });

const eventSection = (type: string, language: Language): string => {
  const of = (word: keyof typeof pageWords): string => pageWords[word][language];
  const fields = fieldsOf(jsonSchema(contractOf(type)!) as Schema);
  const rows = fields.map(({ path, type: kind, isRequired, rule }) => [
    code(path),
    text(kind),
    isRequired ? '✓' : '',
    text(rule),
  ]);
  const body =
    rows.length === 0 ? `<p>${of('noData')}</p>` : table([of('field'), of('type'), of('required'), of('rule')], rows);
  return `<h4 id="${type}"><a href="/schemas/${type}">${text(type)}</a></h4>${body}`;
};

const topicRows = (language: Language): string[][] => {
  const { channels, operations } = asyncApiDocument();
  return Object.values(operations).map(({ action, channel }) => {
    const { address, messages } = channels[channel.$ref.replace('#/channels/', '') as keyof typeof channels];
    const names = Object.keys(messages);
    const direction = pageWords[action === 'receive' ? 'toHub' : 'fromHub'][language];
    return [
      code(address),
      direction,
      names.length > 5 ? `<a href="#events">${names.length}</a>` : names.map(code).join(' '),
    ];
  });
};

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f3f4f6}code{font-size:.9em}h2{margin-top:2.5rem}
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}th{background:#222}th,td{border-color:#444}}`;

/** The reference that an integrator reads, made of the contracts that judge what devices publish. */
export const integratorPage = (language: Language): string => {
  const of = (word: keyof typeof pageWords): string => pageWords[word][language];
  const other = language === 'zh' ? 'en' : 'zh';
  const sections = kinds.map(
    ({ kind, title, silentAfterSeconds, events }) =>
      `<h3 id="${kind}">${text(title[language])} <small>${code(kind)}, ${of('silent')} ${silentAfterSeconds} s</small></h3>` +
      Object.keys(events)
        .map((type) => eventSection(type, language))
        .join(''),
  );
  const measured = Object.entries(quantities).map(([name, { unit, min, max, title }]) => [
    code(name),
    text(title[language]),
    text(unit),
    `${min} … ${max}`,
  ]);
  const spoken = dialects.map(({ name, title, topics }) => [
    code(name),
    text(title[language]),
    topics.map(code).join('<br>'),
  ]);
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${of('title')}</title><style>${style}</style></head><body>
<p><a href="?language=${other}" lang="${other}">${of('other')}</a></p><h1>${of('title')}</h1><p>${of('intro')}</p>
<h2>${of('documents')}</h2><p><a href="/asyncapi.json">AsyncAPI</a> · <a href="/schemas">JSON Schema</a> · <a href="/api/openapi.json">OpenAPI</a></p>
<h2 id="topics">${of('topics')}</h2>${table([of('topic'), of('direction'), of('messages')], topicRows(language))}
<h2 id="events">${of('events')}</h2><p>${text(of('eventsIntro'))}</p>${sections.join('')}
<h3 id="device">${of('anyDevice')}</h3>${Object.keys(deviceEvents)
    .map((type) => eventSection(type, language))
    .join('')}
<h2 id="quantities">${of('quantities')}</h2>${table([of('quantity'), of('meaning'), of('unit'), of('range')], measured)}
<h2 id="dialects">${of('dialects')}</h2>${table([of('code'), of('meaning'), of('topics')], spoken)}
<h2 id="refusals">${of('refusals')}</h2>${table(
    [of('code'), of('meaning')],
    refusalCodes.map((name) => [code(name), text(refusalWords[name][language])]),
  )}
</body></html>`;
};
