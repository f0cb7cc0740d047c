import { expand } from './expand.ts';

const expanded = (sql: string): string =>
  expand(sql, {
    variables: { compound: "king's-garden", district: ['环翠区', "o'b"], goal: '100' },
    from: new Date('2026-07-01T00:00:00.000Z'),
    to: new Date('2026-07-02T12:30:00.000Z'),
    intervalSeconds: 300,
  });

test.each([
  [`c = \${compound:sqlstring}`, "c = 'king''s-garden'"],
  [`c IN (\${district:sqlstring})`, "c IN ('环翠区','o''b')"],
  [`\${goal} * 2`, '100 * 2'],
  ['[[goal]]', '100'],
  ['$__timeFilter(d.time)', "d.time BETWEEN '2026-07-01T00:00:00.000Z' AND '2026-07-02T12:30:00.000Z'"],
  ['$__timeFrom()', "'2026-07-01T00:00:00.000Z'"],
  ["$__timeGroup(at, '1h') AS time", 'floor(extract(epoch from at)/3600)*3600 AS time'],
  ["$__timeGroup(at,'5m'), x", 'floor(extract(epoch from at)/300)*300 AS "time", x'],
  ['$__timeGroup(at, $__interval) AS t', 'floor(extract(epoch from at)/300)*300 AS t'],
  // Nested parentheses break there, too: the argument ends at the first one that closes.
  ['$__timeFilter(coalesce(a, b))', "coalesce(a BETWEEN '2026-07-01T00:00:00.000Z' AND '2026-07-02T12:30:00.000Z')"],
  ['SELECT 1 AS "$x"', 'SELECT 1 AS "$x"'],
])('%s', (sql, expected) => {
  expect(expanded(sql)).toBe(expected);
});

test.each([
  ['$__nothing(at)', 'unknown macro "__nothing"'],
  [`\${compounds}`, `unknown variable \${compounds}`],
  [`\${district}`, 'several values'],
  ["$__timeGroup(at, 'soon') AS t", 'error parsing interval'],
  ['$__timeGroup(at) AS t', 'needs time column and interval'],
])('%s is an error', (sql, message) => {
  expect(() => expanded(sql)).toThrow(message);
});
