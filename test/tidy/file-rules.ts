import { posix } from 'node:path';
import { type Finding, lineAt } from './source.ts';

export interface TrackedFile {
  path: string;
  bytes: number;
}

const bytesMax = 512 * 1024;
/** Large for a reason: what npm writes, and pictures that a document shows. */
const mayBeLarge = /^package-lock\.json$|(?:^|\/)(?:docs|pictures)\/.*\.(?:png|jpe?g|gif|webp|svg)$/;
const built = /(?:^|\/)(?:dist|build|coverage|node_modules)\/|\.(?:map|tsbuildinfo|tgz|zip|gz|node|so|dll|exe)$/;

export function tracked(files: readonly TrackedFile[]): Finding[] {
  return files.flatMap(({ path, bytes }) => {
    const findings: Finding[] = [];
    if (bytes > bytesMax && !mayBeLarge.test(path)) {
      const size = `${Math.ceil(bytes / 1024)} KiB, at most ${bytesMax / 1024}`;
      findings.push({ path, line: 1, message: `${size}: git keeps it for ever; generate it, or make it smaller` });
    }
    if (built.test(path)) {
      findings.push({
        path,
        line: 1,
        message: 'is built, installed or packed: `git rm --cached` it and list it in .gitignore',
      });
    }
    return findings;
  });
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Links of a Markdown file to files of the project; those in code are examples. */
export function links(path: string, markdown: string, exists: (path: string) => boolean): Finding[] {
  const prose = markdown.replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, blank).replace(/`[^`\n]*`/g, blank);
  const targets = [
    ...prose.matchAll(/\]\(\s*<?(?<target>[^)\s>]+)/g),
    ...prose.matchAll(/^ *\[[^\]]+\]:\s*(?<target>\S+)/gm),
    ...prose.matchAll(/<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="(?<target>[^"]+)"/g),
  ];
  return targets.flatMap((match) => {
    const target = match.groups?.target ?? '';
    const file = decodeURIComponent(target.replace(/[?#].*$/, ''));
    if (file === '' || /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return [];
    const line = lineAt(markdown, match.index);
    if (file.startsWith('/')) return [{ path, line, message: `links to ${target}: write it relative to this file` }];
    const resolved = posix.normalize(posix.join(posix.dirname(path), file)).replace(/\/$/, '');
    if (resolved.startsWith('..')) return [{ path, line, message: `links to ${target}, outside the project` }];
    return exists(resolved)
      ? []
      : [{ path, line, message: `links to ${target}, which is not there: mend or remove it` }];
  });
}
