import { type Finding, isCode, isTest, lineAt, type Source } from './source.ts';

/** A place that may say a banned word, and why. */
interface Exception {
  path: RegExp;
  reason: string;
}

interface BannedWord {
  /** Where it is looked for; strings count only in `text`. */
  within: 'code' | 'comments' | 'text';
  pattern: RegExp;
  remedy: string;
  exceptions: readonly Exception[];
}

export const bannedWords: readonly BannedWord[] = [
  {
    within: 'code',
    pattern: /\bDate\.now\b/g,
    remedy: 'take a `Clock` (services/runtime/clock.ts) or `now` as an argument',
    exceptions: [{ path: /^services\/runtime\/clock\.ts$/, reason: 'the one place that reads the clock' }],
  },
  {
    within: 'code',
    pattern: /\bnew Date(?:\(\s*\)|\b(?!\())/g,
    remedy: 'take a `Clock` (services/runtime/clock.ts) or `now` as an argument',
    exceptions: [{ path: /^devices\/examples\//, reason: "an integrator's program, which is none of the hub's" }],
  },
  {
    within: 'code',
    pattern: /\bMath\.random\b/g,
    remedy: 'take a `random: () => number` as an argument, so that a seed repeats the run',
    exceptions: [],
  },
  {
    within: 'code',
    pattern: /\bconsole\./g,
    remedy: 'use the logger (services/runtime/logger.ts); a command writes to process.stdout',
    exceptions: [],
  },
  {
    within: 'code',
    pattern: /\bprocess\.env\b/g,
    remedy: 'add it to the schema in services/runtime/config.ts and take the parsed value as an argument',
    exceptions: [
      {
        path: /^services\/(hub\/(main|rebuild)|replay\/main|demo\/main|log\/main|client\/main)\.ts$/,
        reason: 'a command hands its environment to the schema',
      },
      {
        path: /^services\/runtime\/embedded-postgres\.ts$/,
        reason: 'hands the environment on to its child process, without the PG* variables',
      },
      { path: /^devices\/examples\//, reason: "an integrator's program, which is none of the hub's" },
      { path: /^test\/|\.test\.tsx?$/, reason: 'a run of the tests may be told a server or a seed' },
    ],
  },
  {
    within: 'code',
    pattern: /\bas any\b/g,
    remedy: 'name the type, or parse with a schema from `unknown`',
    exceptions: [],
  },
  {
    within: 'comments',
    pattern: /@ts-(?:ignore|nocheck)\b/g,
    remedy: 'mend the type; where a test is about a wrong type, `@ts-expect-error` with the reason',
    exceptions: [],
  },
  {
    within: 'comments',
    pattern: /\b(?:TODO|FIXME|XXX)\b/g,
    remedy: 'do it now, or write it into the issue',
    exceptions: [],
  },
  {
    within: 'code',
    pattern: /\b(?:describe|test|it)(?:\.\w+)*\.(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/g,
    remedy: 'run it or delete it: a test that does not run proves nothing',
    exceptions: [
      {
        path: /^services\/runtime\/embedded-postgres\.test\.ts$/,
        reason: 'what only root may do can be tried only as root',
      },
    ],
  },
  {
    within: 'text',
    pattern: /\.\.\/shared\b|\/work\/(?:shared|main)\b/g,
    remedy: 'the project stands alone: copy in your own words what is needed',
    exceptions: [],
  },
];

export function wordsInPlace(sources: readonly Source[], words = bannedWords): Finding[] {
  return sources.flatMap((source) =>
    words
      .filter(({ exceptions }) => !exceptions.some(({ path }) => path.test(source.path)))
      .flatMap(({ within, pattern, remedy }) =>
        [...source[within].matchAll(pattern)].map((match) => ({
          path: source.path,
          line: lineAt(source.text, match.index),
          message: `\`${match[0]}\`: ${remedy}`,
        })),
      ),
  );
}

/** Exceptions that no file needs any more. */
export function staleExceptions(sources: readonly Source[], words = bannedWords): string[] {
  return words.flatMap(({ within, pattern, exceptions }) =>
    exceptions
      .filter(({ path }) => !sources.some((source) => path.test(source.path) && source[within].search(pattern) !== -1))
      .map(({ path, reason }) => `${pattern.source} in ${path.source} (${reason})`),
  );
}

const reExport = /\bexport\s+(?:type\s+)?\*/g;
const passedOn = /^export\s+(?:type\s+)?\{[^}]*\}(?:\s*from\s*'[^']*')?;?/gm;
const imported = /^import\b[^;]*;/gm;

export function noBarrels(sources: readonly Source[]): Finding[] {
  const remedy = 'import the file that owns the name';
  return sources.flatMap(({ path, code }) => {
    if (!isCode(path)) return [];
    const findings = [...code.matchAll(reExport)].map((match) => ({
      path,
      line: lineAt(code, match.index),
      message: `\`export *\`: ${remedy}`,
    }));
    if (/(^|\/)index\.[jt]sx?$/.test(path)) findings.push({ path, line: 1, message: `an index file: ${remedy}` });
    const rest = code.replace(reExport, '').replace(imported, '').replace(passedOn, '');
    if (code.search(passedOn) !== -1 && rest.trim() === '') {
      findings.push({ path, line: 1, message: `does nothing but pass names on: ${remedy}` });
    }
    return findings;
  });
}

const kebab = '[a-z0-9]+(?:-[a-z0-9]+)*';
const codeName = new RegExp(
  `^${kebab}(?:\\.(?:test|int\\.test|e2e\\.test|suite|module|controller|guard|config|e2e\\.config|d))?\\.[jt]sx?$`,
);
const namedForNothing = /^(?:.*-)?(?:utils?|helpers?|common|shared|misc)$/;

export function names(paths: readonly string[]): Finding[] {
  return paths.flatMap((path) => {
    const folders = path.split('/');
    const file = folders.pop() ?? '';
    const messages: string[] = [];
    if (isCode(path)) {
      if (!codeName.test(file)) messages.push('file names of code are kebab-case, with one of the known endings');
      const wrong = folders.find((folder) => !new RegExp(`^${kebab}$`).test(folder));
      if (wrong !== undefined) messages.push(`the folder ${wrong} is not in kebab-case`);
    }
    const vague = [...folders, file.split('.')[0] ?? ''].find((word) => namedForNothing.test(word));
    if (vague !== undefined)
      messages.push(`\`${vague}\` says nothing: name it after what it holds (units.ts, clock.ts)`);
    return messages.map((message) => ({ path, line: 1, message }));
  });
}

export const linesMax = 400;
export const testLinesMax = 600;

export function lengths(sources: readonly Source[]): Finding[] {
  return sources.flatMap(({ path, text }) => {
    if (!isCode(path)) return [];
    const lines = text.replace(/\n$/, '').split('\n').length;
    const max = isTest(path) ? testLinesMax : linesMax;
    if (lines <= max) return [];
    return [{ path, line: max + 1, message: `${lines} lines, at most ${max}: split it by what it is about` }];
  });
}
