import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asyncApiDocument } from '../../services/api/asyncapi.ts';
import { breaksOf, type Contract, narrowed, type Schema } from './contract-breaks.ts';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

/** In a process of its own: the parser is old-style code of many parts. */
const validating = `
  const { Parser, DiagnosticSeverity } = require('@asyncapi/parser');
  const text = require('node:fs').readFileSync(process.argv[1], 'utf8');
  new Parser().validate(text).then((found) => {
    const bad = found.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
    process.stdout.write(JSON.stringify(bad.map(({ path, message }) => path.join('.') + ': ' + message)));
  });`;

test('the AsyncAPI text is valid by the parser of those who wrote the standard', async () => {
  const args = ['-e', validating, golden('asyncapi.json')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: golden('') });
  expect(JSON.parse(stdout)).toEqual([]);
});

test('a program that was written for the released contract still works', async () => {
  const released = JSON.parse(await readFile(golden('released/asyncapi-1.json'), 'utf8')) as Contract;
  expect(breaksOf(released, asyncApiDocument() as unknown as Contract)).toEqual([]);
});

describe('a break', () => {
  const of = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
    type: 'object',
    properties,
    ...more,
  });
  test.each<[string, Schema, Schema, string[]]>([
    ['a member more', of({}, { additionalProperties: false }), of({ a: {} }, { additionalProperties: false }), []],
    ['a member demanded', of({ a: {} }), of({ a: {} }, { required: ['a'] }), ['x.a is demanded']],
    [
      'a member gone',
      of({ a: {} }),
      of({}, { additionalProperties: false }),
      ['x.a is taken no longer', 'x takes no other members any longer'],
    ],
    ['a value more', { enum: [1] }, { enum: [1, 2] }, []],
    ['a value less', { enum: [1, 2] }, { enum: [1] }, ['x takes 2 no longer']],
    ['a wider range', { minimum: 0, maximum: 9 }, { minimum: -1 }, []],
    [
      'a narrower range',
      { minimum: 0 },
      { minimum: 1, maximum: 9 },
      ['x has a smaller maximum', 'x has a larger minimum'],
    ],
    ['whole numbers only', { type: 'number' }, { type: 'integer' }, ['x is no number any longer']],
    ['text only', {}, { type: 'string' }, ['x takes string only']],
    ['any number', { type: 'integer' }, { type: 'number' }, []],
    [
      'a choice less',
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
      { type: 'string' },
      ['x lost an alternative'],
    ],
    ['in a list', { items: { enum: [1, 2] } }, { items: { enum: [2] } }, ['x[] takes 1 no longer']],
  ])('%s', (_, before, after, expected) => {
    expect(narrowed(before, after, 'x')).toEqual(expected);
  });

  test('is also a topic or a message that is gone, and a member that the hub says no longer', () => {
    const contract = (
      action: string,
      address: string,
      messages: Contract['channels'][string]['messages'],
    ): Contract => ({
      channels: { one: { address, messages } },
      operations: { speak: { action, channel: { $ref: '#/channels/one' } } },
    });
    const said = { payload: of({ a: {} }, { required: ['a'] }) };
    const released = contract('send', 'a', { said });
    expect(breaksOf(released, contract('send', 'b', { said }))).toEqual(['a became b']);
    expect(breaksOf(released, contract('receive', 'a', { said }))).toEqual(['the operation speak is gone']);
    expect(breaksOf(released, contract('send', 'a', {}))).toEqual(['one/said is gone']);
    expect(breaksOf(released, contract('send', 'a', { said: { payload: of({ a: {} }) } }))).toEqual([
      'one/said.a is demanded',
    ]);
  });
});
