import { csvRow, shownCell } from './csv-row.ts';

test.each([
  [['a', '东门', ''], 'a,东门,'],
  [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"'],
])('%j', (cells, line) => {
  expect(csvRow(cells)).toBe(line);
});

test.each([
  ['=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'],
  ['-3', "'-3"],
  ['盛德=和美', '盛德=和美'],
])('%s is no formula', (cell, shown) => {
  expect(shownCell(cell)).toBe(shown);
});
