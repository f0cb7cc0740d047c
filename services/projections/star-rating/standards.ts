import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadStandards } from './load-standard.ts';
import type { Standard } from './standard.ts';

/** `standards/<id>/<version>/`: putting a folder there is all that a new version needs. */
const standardsFolder = fileURLToPath(new URL('./standards', import.meta.url));

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();

let loaded: readonly Standard[] | undefined;

/** Every standard of the folder, by effective date; read from disk once. Throws `StandardWrong`. */
export const standards = (): readonly Standard[] => {
  loaded ??= loadStandards(foldersIn(standardsFolder).flatMap(foldersIn));
  return loaded;
};

/** `weihai-smart-compound@2020.1`: how a rating and a query name a standard. */
export const standardName = ({ id, version }: Pick<Standard, 'id' | 'version'>): string => `${id}@${version}`;

const isInForce = ({ draft, effectiveFrom }: Standard, at: string): boolean =>
  !draft && effectiveFrom <= at.slice(0, 10);

/** By `<id>@<version>`, or by id alone the version that is effective at `at`. */
export const findStandard = (name: string, at: string): Standard | undefined =>
  standards().find((standard) => standardName(standard) === name) ??
  standards().findLast((standard) => standard.id === name && isInForce(standard, at));

/** What ratings are made under unless somebody asks for another: the newest that is effective at `at`. */
export const standardInForce = (at: string): Standard => {
  const all = standards().filter(({ draft }) => !draft);
  return all.findLast((standard) => isInForce(standard, at)) ?? all[0]!;
};
