export interface Import {
  /** As written: `./event.ts`, `zod`. */
  specifier: string;
  /** Gone after compilation: `import type`, `export type … from`. */
  typeOnly: boolean;
  line: number;
}

/** A file of code, read so that a rule can look at code, comments and imports apart. */
export interface Source {
  path: string;
  text: string;
  /** The text with comments and the insides of strings blanked; offsets stay. */
  code: string;
  /** The text with everything but comments blanked; offsets stay. */
  comments: string;
  imports: Import[];
}

export interface Finding {
  path: string;
  line: number;
  /** What is wrong and what to do instead. */
  message: string;
}

export const describeFinding = ({ path, line, message }: Finding): string => `${path}:${line}  ${message}`;

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

// A slash begins a regular expression only where a value may begin; elsewhere it divides or closes a tag.
const tokens = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)`,
    String.raw`(?<string>'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?)`,
    String.raw`(?<regex>(?<=(?:[(,=:[!&|?{;]|=>|^|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/)`,
    '(?<mark>[`{}])',
  ].join('|'),
  'gm',
);
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?<end>`|\$\{|$)/y;

/** Splits code from comments; a light reading, good for code that the formatter has passed. */
function split(text: string): { code: string; comments: string } {
  let code = '';
  let comments = '';
  const take = (part: string, shownInCode: string, isComment = false): void => {
    code += shownInCode;
    comments += isComment ? part : blank(part);
  };
  /** What each open brace closes: a block, or the hole of a template. */
  const open: ('block' | 'template')[] = [];
  let at = 0;
  const takeTemplateText = (): void => {
    templateText.lastIndex = at;
    const match = templateText.exec(text);
    const end = match?.groups?.end ?? '';
    const part = match?.[0] ?? '';
    take(part, blank(part.slice(0, part.length - end.length)) + end);
    at += part.length;
    // The brace of a hole may hold a block or another template, so what it closes is remembered.
    if (end === '${') open.push('template');
  };
  while (at < text.length) {
    tokens.lastIndex = at;
    const match = tokens.exec(text);
    const before = text.slice(at, match?.index ?? text.length);
    take(before, before);
    if (!match) break;
    const [part] = match;
    at = match.index + part.length;
    if (match.groups?.comment) take(part, blank(part), true);
    else if (match.groups?.mark) {
      take(part, part);
      if (part === '{') open.push('block');
      if (part === '`' || (part === '}' && open.pop() === 'template')) takeTemplateText();
    } else take(part, part[0] + blank(part.slice(1, -1)) + (part.length > 1 ? part.at(-1) : ''));
  }
  return { code, comments };
}

const statement =
  /^(?:import|export)\b(?<between>[^;'"()=]*?\bfrom|(?<=import))\s*(?<quote>['"])(?<blanked> *)\k<quote>/gm;
const dynamic = /\bimport\(\s*(?<quote>['"])(?<blanked> *)\k<quote>/g;

function importsOf(text: string, code: string): Import[] {
  return [...code.matchAll(statement), ...code.matchAll(dynamic)].map((match) => {
    const end = match.index + match[0].length - 1;
    const length = match.groups?.blanked?.length ?? 0;
    return {
      specifier: text.slice(end - length, end),
      typeOnly: /^\s*type\b(?!\s*(?:,|from\b))/.test(match.groups?.between ?? ''),
      line: lineAt(code, match.index),
    };
  });
}

export const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);

/** A file of another language has text only. */
export function readSource(path: string, text: string): Source {
  if (!isCode(path)) return { path, text, code: '', comments: '', imports: [] };
  const { code, comments } = split(text);
  return { path, text, code, comments, imports: importsOf(text, code) };
}

/** `services/api/a.ts` and `../event-log/event.ts` give `services/event-log/event.ts`; a package gives undefined. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

export const isTest = (path: string): boolean => path.startsWith('test/') || /\.test\.tsx?$/.test(path);
