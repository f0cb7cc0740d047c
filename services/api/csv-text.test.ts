import fc from 'fast-check';
import { z } from 'zod';
import { readCsv } from './csv.ts';
import { csvText } from './csv-text.ts';

test('begins with a byte order mark, ends its lines as RFC 4180 asks, quotes what must be', () => {
  expect(
    csvText(
      ['名称', 'value'],
      [
        ['东门, "北"', 71.5],
        ['a\nb', null],
      ],
    ),
  ).toBe('\uFEFF名称,value\r\n"东门, ""北""",71.5\r\n"a\nb",\r\n');
});

test.each(['=1+1', '+86', '-1', '@SUM(A1)', '\tx', '\r=x'])('%j is no formula', (text) => {
  const [, line] = csvText(['a'], [[text]]).split(/\r\n(?=.)/);
  expect(line?.replace(/^"/, '')).toMatch(/^'/);
});

test('a number is a number, also one below zero', () => {
  expect(csvText(['a'], [[-1.5]])).toBe('\uFEFFa\r\n-1.5\r\n');
});

test('whatever is written is read again', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((value) => value.trim() === value && !/^[=+\-@]/.test(value));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }), (rows) => {
      const { rows: read } = readCsv(csvText(['a', 'b'], rows), z.object({ a: z.string(), b: z.string() }));
      expect(read.map(({ row }) => [row.a, row.b])).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});
