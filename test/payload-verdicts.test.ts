import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeChecked } from '../devices/decode-checked.ts';
import type { Decoded, DeviceFact, Dialect } from '../devices/dialect.ts';
import { dialects } from '../devices/dialects/registry.ts';
import { type DialectExample, exampleMessage, loadExamples } from '../devices/example-file.ts';
import { devicesFolder } from '../devices/generate-registries.ts';

const goldenFile = fileURLToPath(new URL('golden/payload-verdicts.md', import.meta.url));

const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');

/** `sensor.measured ×2, gate.passed`: what one message becomes, equal words once. */
const counted = (words: readonly string[]): string =>
  [...new Set(words)]
    .map((word) => {
      const count = words.filter((other) => other === word).length;
      return count === 1 ? word : `${word} ×${count}`;
    })
    .join(', ');

/** A state is an event only where it differs from the state before. */
const wordOf = ({ type, level, replayed }: DeviceFact): string => {
  const hints = [level === undefined ? '' : 'if new', replayed ? 'told late' : ''].filter((hint) => hint !== '');
  return hints.length === 0 ? type : `${type} (${hints.join(', ')})`;
};

const verdictOf = (decoded: Decoded): string => {
  switch (decoded.outcome) {
    case 'facts':
      return counted(decoded.facts.map(wordOf));
    case 'no-op':
      return `nothing: ${decoded.reason}`;
    case 'refused':
      return `refused, ${decoded.code}: ${decoded.reason}`;
  }
};

const judge = (dialect: Dialect, entry: DialectExample): { outcome: Decoded['outcome']; row: string } => {
  const decoded = decodeChecked(dialect, exampleMessage(entry), (key) => entry.recall[key]);
  const answers = (decoded.answers ?? []).map(({ topic }) => `; answered on \`${topic}\``).join('');
  const row = [entry.description, `\`${entry.topic}\``, verdictOf(decoded) + answers].map(cell);
  return { outcome: decoded.outcome, row: `| ${row.join(' | ')} |` };
};

const sectionOf = (dialect: Dialect): { text: string; summary: string } => {
  const examples = loadExamples(join(devicesFolder, 'dialects', `${dialect.name}.examples.yaml`));
  const verdicts = examples.map((entry) => judge(dialect, entry));
  const count = (outcome: Decoded['outcome']): number =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const head = [`## ${dialect.title.en}`, '', '| message | topic | verdict |', '| --- | --- | --- |'];
  return {
    text: [...head, ...verdicts.map(({ row }) => row), ''].join('\n'),
    summary: `| ${dialect.title.en} | ${count('facts')} | ${count('no-op')} | ${count('refused')} |`,
  };
};

const table = (): string => {
  const sections = dialects.map(sectionOf);
  return [
    '# What becomes of each example payload',
    '',
    'Computed from `devices/dialects/*.examples.yaml` by `UPDATE_GOLDEN=1 npm test -- test/payload-verdicts`. What is marked “if new” is a state: an event only where it differs from the state before.',
    '',
    '| dialect | events | nothing | refused |',
    '| --- | --- | --- | --- |',
    ...sections.map(({ summary }) => summary),
    '',
    ...sections.map(({ text }) => text),
  ].join('\n');
};

/** What a payload becomes is what integrators count on: a change shows in review. */
test('every example payload has the verdict that the table gives it', async () => {
  const text = table();
  if (process.env.UPDATE_GOLDEN) await writeFile(goldenFile, text);
  expect(text).toBe(await readFile(goldenFile, 'utf8'));
});
