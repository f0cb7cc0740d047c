import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { links, tracked } from './tidy/file-rules.ts';
import { importCircles, importDirection, packagesInTheirPlace } from './tidy/import-rules.ts';
import { projectFiles } from './tidy/project-files.ts';
import { describeFinding, type Finding, readSource, type Source } from './tidy/source.ts';
import {
  bannedWords,
  lengths,
  linesMax,
  names,
  noBarrels,
  staleExceptions,
  testLinesMax,
  wordsInPlace,
} from './tidy/text-rules.ts';

const root = join(import.meta.dirname, '..');
const paths = projectFiles(root);
const isText = (path: string): boolean => /\.([cm]?[jt]sx?|md|ya?ml|json|sql|css|html|sh)$|(^|\/)run$/.test(path);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = paths
  .filter((path) => isText(path) && path !== 'package-lock.json')
  .map((path) => readSource(path, read(path)));

/** Snippets by path, so that a rule can be shown a small project of its own. */
const project = (files: Record<string, string>): Source[] =>
  Object.entries(files).map(([path, text]) => readSource(path, text));
const places = (findings: readonly Finding[]): string[] => findings.map(({ path, line }) => `${path}:${line}`);

describe('the project', () => {
  test.each<[string, () => Finding[]]>([
    ['imports go down the floors', () => importDirection(sources)],
    ['no circle of imports', () => importCircles(sources)],
    ['packages stay in their place', () => packagesInTheirPlace(sources)],
    ['no banned words', () => wordsInPlace(sources)],
    ['no barrels', () => noBarrels(sources)],
    ['names', () => names(paths)],
    ['lengths of files', () => lengths(sources)],
    ['nothing large or built', () => tracked(paths.map((path) => ({ path, bytes: statSync(join(root, path)).size })))],
    [
      'links of documents',
      () =>
        sources
          .filter(({ path }) => path.endsWith('.md'))
          .flatMap(({ path, text }) => links(path, text, (target) => existsSync(join(root, target)))),
    ],
  ])('%s', (_, findings) => {
    expect(findings().map(describeFinding)).toEqual([]);
  });

  test('was found at all, and every exception is still needed', () => {
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'services/hub/main.ts', 'test/tidy.test.ts']));
    expect(staleExceptions(sources)).toEqual([]);
  });
});

test('a copy without git is read too, without what is installed and built', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xingyuan-tidy-'));
  try {
    for (const path of ['services', 'dist', 'node_modules/zod']) mkdirSync(join(folder, path), { recursive: true });
    for (const path of ['a.ts', 'services/b.ts', 'dist/c.js', 'node_modules/zod/d.js'])
      writeFileSync(join(folder, path), '');
    expect(projectFiles(folder)).toEqual(['a.ts', 'services/b.ts']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('reading a file', () => {
  const imports = (text: string) => readSource('services/a/b.ts', text).imports;

  test('finds every form of import with its line, and nothing that only looks like one', () => {
    const text = [
      "import 'reflect-metadata';",
      "import type { A } from './a.ts';",
      'import {',
      '  B,',
      "} from './b.ts';",
      "export { C } from './c.ts';",
      "export type { D } from './d.ts';",
      "export * from './e.ts';",
      "const f = await import('./f.ts');",
      "// import { G } from './g.ts';",
      "const sql = `\nimport { H } from './h.ts';\n`;",
      "export interface I { kind: 'i'; from: 'j' }",
      "import type from './k.ts';",
    ].join('\n');
    expect(imports(text).sort((a, b) => a.line - b.line)).toEqual([
      { specifier: 'reflect-metadata', typeOnly: false, line: 1 },
      { specifier: './a.ts', typeOnly: true, line: 2 },
      { specifier: './b.ts', typeOnly: false, line: 3 },
      { specifier: './c.ts', typeOnly: false, line: 6 },
      { specifier: './d.ts', typeOnly: true, line: 7 },
      { specifier: './e.ts', typeOnly: false, line: 8 },
      { specifier: './f.ts', typeOnly: false, line: 9 },
      { specifier: './k.ts', typeOnly: false, line: 15 },
    ]);
  });

  test.each([
    ['a(\'x\' + "y");', 'a(\' \' + " ");'],
    [`a(\`x\${b(\`y\${{ c: 1 }}z\`)}w\`);`, `a(\` \${b(\` \${{ c: 1 }} \`)} \`);`],
    ["a(/['`]/, 'x');", "a(/    /, ' ');"],
    ["a / b; 'x'; c / d;", "a / b; ' '; c / d;"],
    ["const re = /[/'\"]/g; b('x');", "const re = /     /g; b(' ');"],
    ['return <br title="x" />; // y', 'return <br title=" " />;     '],
    ['a(); /* x\ny */ b();', 'a();     \n     b();'],
    ["a('it\\'s', b);", "a('     ', b);"],
  ])('blanks strings and comments: %s', (text, code) => {
    expect(readSource('a.tsx', text).code).toBe(code);
  });

  test('keeps comments apart', () => {
    const { comments } = readSource('a.ts', "a('// no'); // yes\n/* and\nyes */");
    expect(comments).toBe('            // yes\n/* and\nyes */');
  });
});

describe('import direction', () => {
  const allowed = (from: string, statement: string): boolean =>
    importDirection(project({ [from]: statement })).length === 0;

  test.each([
    ['services/runtime/a.ts', "import { b } from '../event-log/event.ts';"],
    ['services/event-log/a.ts', "import type { b } from '../../devices/kind.ts';"],
    ['services/registry/a.ts', "import { b } from '../work-orders/b.ts';"],
    ['services/ingest/a.ts', "import { b } from '../projections/b/c.ts';"],
    ['services/projections/a/b.ts', "import { b } from '../../api/b.ts';"],
    ['services/api/a.ts', "import { b } from '../hub/b.ts';"],
    ['services/hub/a.ts', "import { b } from '../client/b.ts';"],
    ['services/replay/a.ts', "import { b } from '../demo/b.ts';"],
    ['services/client/a.ts', "import { b } from '../api/schemas.ts';"],
    ['services/unknown/a.ts', "import { b } from '../runtime/b.ts';"],
    ['services/api/a.ts', "import { b } from '../../dashboards/control-room/b.ts';"],
    ['devices/a.ts', "import { b } from '../services/event-log/event-log.ts';"],
    ['devices/dialects/a.ts', "const b = await import('../../services/runtime/clock.ts');"],
    ['dashboards/control-room/a.ts', "import { b } from '../../services/api/schemas.ts';"],
    ['dashboards/control-room/a.ts', "import { b } from '../../test/b.ts';"],
    ['services/api/a.ts', "import { b } from '../../test/b.ts';"],
    ['services/api/a.ts', "import { b } from './b.test.ts';"],
    ['services/registry/a.test.ts', "import { b } from '../api/b.ts';"],
  ])('%s may not: %s', (from, statement) => {
    expect(allowed(from, statement)).toBe(false);
  });

  test.each([
    ['services/event-log/postgres/a.ts', "import { b } from '../event-log.ts';"],
    ['services/registry/a.ts', "import { b } from '../../devices/kind.ts';"],
    ['services/projections/a/b.ts', "import { b } from '../c/d.ts';"],
    ['services/projections/a/b.ts', "import { b } from '../../work-orders/b.ts';"],
    ['services/hub/a.ts', "import { b } from '../api/api.module.ts';"],
    ['services/client/a.ts', "import { b } from '../runtime/clock.ts';"],
    ['services/demo/a.ts', "import { b } from '../client/b.ts';"],
    ['devices/a.ts', "import type { b } from '../services/event-log/event.ts';"],
    ['dashboards/control-room/a.ts', "import type { b } from '../../services/api/schemas.ts';"],
    ['dashboards/control-room/a.ts', "import { b } from '../../devices/quantities.ts';"],
    ['services/api/a.test.ts', "import { b } from '../../test/b.ts';"],
    ['test/a.ts', "import { b } from '../services/hub/b.ts';"],
  ])('%s may: %s', (from, statement) => {
    expect(allowed(from, statement)).toBe(true);
  });
});

test('a circle of imports is found once, by types too, and named in order', () => {
  const findings = importCircles(
    project({
      'devices/a.ts': "import { b } from './b.ts';",
      'devices/b.ts': "import { z } from 'zod';\nimport type { c } from './c.ts';",
      'devices/c.ts': "import { a } from './a.ts';\nimport { d } from './d.ts';",
      'devices/d.ts': '',
      'devices/e.ts': "import { a } from './a.ts';\nimport { d } from './d.ts';",
    }),
  );
  expect(findings).toHaveLength(1);
  expect(findings[0]?.message).toContain('devices/a.ts → devices/b.ts → devices/c.ts → devices/a.ts');
  expect(importCircles(project({ 'a.ts': "export { a } from './a.ts';" }))).toHaveLength(1);
});

test.each([
  ['services/api/a.ts', "import { Get } from '@nestjs/common';", 1],
  ['services/ingest/a.ts', "import type { b } from '@nestjs/core';", 1],
  ['services/api/a.controller.ts', "import { Get } from '@nestjs/common';", 0],
  ['services/hub/http.ts', "import type { b } from '@nestjs/core';", 0],
  ['services/projections/a.test.ts', "import type pg from 'pg';", 1],
  ['services/event-log/memory/a.ts', "import { from } from 'pg-copy-streams';", 1],
  ['services/event-log/postgres/a.ts', "import pg from 'pg';", 0],
  ['test/contract/a.ts', "import pg from 'pg';", 0],
])('packages in their place: %s with %s: %i', (path, text, count) => {
  expect(packagesInTheirPlace(project({ [path]: text }))).toHaveLength(count);
});

describe('banned words', () => {
  const found = (path: string, text: string): string[] => places(wordsInPlace(project({ [path]: text })));
  const elsewhere = ['..', 'shared', 'facts.md'].join('/');

  test.each([
    'const a = Date.now();',
    'const a = new Date();',
    'const a = new Date;',
    'const a = Math.random();',
    "console.info('a');",
    'const a = process.env.A;',
    `const a = \`\${process.env.A}\`;`,
    'const a = b as any;',
    '// @ts-ignore',
    '// @ts-nocheck',
    '// TODO: later',
    '/* FIXME */',
    "test.skip('a', b);",
    "describe.only('a', b);",
    "test.concurrent.only('a', b);",
    "it.todo('a');",
    "xit('a', b);",
    `// as in ${elsewhere}`,
    `const a = '${elsewhere}';`,
  ])('%s', (statement) => {
    expect(found('services/api/a.ts', `const first = 1;\n${statement}\n`)).toEqual(['services/api/a.ts:2']);
  });

  test.each([
    'const a = new Date(0);',
    "const a = new Date('');",
    'const a = new DateTime();',
    "const a = 'Date.now() and console.log';",
    '// Date.now() and console.log, but in words',
    'const a = { only: 1 }.only;',
    'const kind = any as string;',
    "const plate = 'XXX';",
  ])('are not in: %s', (statement) => {
    expect(found('services/api/a.ts', statement)).toEqual([]);
  });

  test('a document is read too', () => {
    expect(found('README.md', `See ${elsewhere}.\n`)).toEqual(['README.md:1']);
  });

  test('exceptions hold for their place only, and one that nobody needs is told', () => {
    const clock = { 'services/runtime/clock.ts': 'export const now = () => Date.now();' };
    expect(wordsInPlace(project(clock))).toEqual([]);
    expect(found('services/api/clock.ts', 'Date.now();')).toHaveLength(1);
    const dateNow = bannedWords.filter(({ pattern }) => pattern.source.includes('now'));
    expect(staleExceptions(project(clock), dateNow)).toEqual([]);
    expect(staleExceptions(project({ 'services/runtime/clock.ts': '' }), dateNow)).toHaveLength(1);
  });
});

test.each([
  ['services/a/index.ts', 'export const a = 1;', 1],
  ['services/a/a.ts', "const a = 1;\nexport * from './b.ts';", 2],
  ['services/a/a.ts', "export * as b from './b.ts';\nconst a = 1;", 1],
  ['services/a/a.ts', "/** All of a. */\nexport { b } from './b.ts';\nexport type { c } from './c.ts';", 1],
  ['services/a/a.ts', "import { b } from './b.ts';\nexport { b };", 1],
])('a barrel: %s with %s', (path, text, line) => {
  expect(places(noBarrels(project({ [path]: text })))).toEqual([`${path}:${line}`]);
});

test.each([
  "export const a = 1;\nexport { b } from './b.ts';",
  "import './polyfill.ts';",
  "import { b } from './b.ts';\nexport default b();",
])('no barrel: %s', (text) => {
  expect(noBarrels(project({ 'services/a/a.ts': text }))).toEqual([]);
});

test.each([
  ['services/api/workOrders.ts', 1],
  ['services/api/work_orders.ts', 1],
  ['services/api/work-orders.service.ts', 1],
  ['services/workOrders/a.ts', 1],
  ['services/utils/a.ts', 1],
  ['services/api/string-utils.ts', 1],
  ['services/api/helpers.test.ts', 1],
  ['devices/common/a.yaml', 1],
  ['services/api/work-orders.controller.ts', 0],
  ['services/ingest/shared-subscriptions.int.test.ts', 0],
  ['services/projections/standards/2020.1/ACC-1.yaml', 0],
  ['jest.e2e.config.js', 0],
])('the name %s: %i', (path, count) => {
  expect(names([path])).toHaveLength(count);
});

test('files have a limit, tests a wider one, data none', () => {
  const lines = (count: number): string => 'a;\n'.repeat(count);
  const over = {
    'services/a/a.ts': lines(linesMax + 1),
    'services/a/a.test.ts': lines(testLinesMax + 1),
    'test/a.ts': lines(testLinesMax + 1),
  };
  const within = {
    'services/b/b.ts': lines(linesMax),
    'services/b/b.test.ts': lines(testLinesMax),
    'services/b/b.yaml': lines(testLinesMax + 1),
  };
  expect(places(lengths(project({ ...over, ...within })))).toEqual([
    `services/a/a.ts:${linesMax + 1}`,
    `services/a/a.test.ts:${testLinesMax + 1}`,
    `test/a.ts:${testLinesMax + 1}`,
  ]);
});

test.each([
  ['test/golden/a.json', 600, 1],
  ['dashboards/control-room/a.png', 600, 1],
  ['dashboards/control-room/dist/a.js', 1, 1],
  ['services/api/a.js.map', 1, 1],
  ['package-lock.json', 600, 0],
  ['docs/pictures/page.png', 600, 0],
  ['dashboards/control-room/build.ts', 1, 0],
])('tracked: %s of %i KiB: %i', (path, kibibytes, count) => {
  expect(tracked([{ path, bytes: kibibytes * 1024 }])).toHaveLength(count);
});

test('links lead to files of the project', () => {
  const there = new Set(['ARCHITECTURE.md', 'devices/kinds/example', 'docs/page.png']);
  const readme = [
    '[the whole](../ARCHITECTURE.md#parts), [web](https://example.org/a), [below](#below), `[code](no.md)`',
    '[gone](gone.md) and [outside](../../elsewhere.md)',
    '```sh\n[fenced](no.md)\n```',
    '![page](./page.png) [folder](../devices/kinds/example/)',
    '<img src="gone.png" alt="">',
    '[absolute](/ARCHITECTURE.md)',
    '[later]: gone-too.md',
  ].join('\n');
  const findings = links('docs/README.md', readme, (path) => there.has(path));
  expect(places(findings).sort()).toEqual([2, 2, 7, 8, 9].map((line) => `docs/README.md:${line}`));
});
