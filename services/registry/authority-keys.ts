import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../event-log/decider.ts';

/** The keys of the authorities that the hub made, by the authority's id. They never leave the data folder. */
export interface AuthorityKeys {
  keep(authority: string, pem: string): Promise<void>;
  /** Refuses where the key is not here. */
  read(authority: string): Promise<string>;
}

export const authorityKeyFolder = (dataDir: string): string => join(dataDir, 'authorities');

/** Files that only their owner can read. */
export const authorityKeysIn = (dataDir: string): AuthorityKeys => {
  const folder = authorityKeyFolder(dataDir);
  const fileOf = (authority: string): string => join(folder, `${authority}.pem`);
  return {
    async keep(authority, pem) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(fileOf(authority), pem, { mode: 0o600, flag: 'wx', flush: true });
    },
    async read(authority) {
      try {
        return await readFile(fileOf(authority), 'utf8');
      } catch (error) {
        const message = `the key of the authority ${authority} can't be read from ${folder} (${(error as Error).message}); put it back from a backup, or make another authority`;
        throw new Refusal('authority.key-missing', message);
      }
    },
  };
};
