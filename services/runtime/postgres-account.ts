import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { StartRefused } from './start-refused.ts';

const run = promisify(execFile);
const accountName = 'postgres';

export interface Account {
  uid: number;
  gid: number;
}

/** How to run a PostgreSQL program: as ourselves, or as an account that root lends it. */
export interface RunAs {
  /** `undefined`: as ourselves. */
  account: Account | undefined;
  /** Put in front of program and arguments. */
  prefix: string[];
}

const idOf = async (name: string): Promise<Account | undefined> => {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
};

/** PostgreSQL refuses to run as root, and initdb wants an account that has a name. */
const accountForRoot = async (): Promise<Account> => {
  const known = await idOf(accountName);
  if (known !== undefined) return known;
  const attempts: [string, string[]][] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', accountName]],
    ['adduser', ['-S', '-D', '-H', accountName]],
  ];
  for (const [program, args] of attempts) {
    await run(program, args).catch(() => {});
    const created = await idOf(accountName);
    if (created !== undefined) return created;
  }
  throw new StartRefused(
    `PostgreSQL does not run as root and no system user "${accountName}" could be created: ` +
      'create one (useradd --system postgres), start the hub as an ordinary user, or set DATABASE_URL.',
  );
};

/** The first folder on the way to `path` that the account may not pass, or `undefined`. */
const blockedFolder = async (path: string, { uid, gid }: Account): Promise<string | undefined> => {
  const parent = dirname(path);
  const above = parent === path ? undefined : await blockedFolder(parent, { uid, gid });
  if (above !== undefined) return above;
  const folder = await stat(path).catch(() => undefined);
  if (folder === undefined) return undefined;
  const passBit = folder.uid === uid ? 0o100 : folder.gid === gid ? 0o010 : 0o001;
  return (folder.mode & passBit) === 0 ? path : undefined;
};

/** Root's own home is closed to others: a single capability lets PostgreSQL pass, without opening the folder to anybody. */
const passThroughCapability = async (account: Account): Promise<string[] | undefined> => {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const bounding = Number.parseInt(/^CapBnd:\s*[0-9a-f]*([0-9a-f]{4})$/m.exec(status)?.[1] ?? '0', 16);
  const capability = bounding & 0b100 ? '+dac_read_search' : bounding & 0b10 ? '+dac_override' : undefined;
  if (capability === undefined) return undefined;
  const prefix = [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
    '--',
  ];
  const works = await run(prefix[0]!, [...prefix.slice(1), 'true']).then(
    () => true,
    () => false,
  );
  return works ? prefix : undefined;
};

/**
 * Whom PostgreSQL runs as. `owner` is the owner of an existing cluster, which only that user may open;
 * `paths` are folders that the server must reach.
 */
export const chooseRunAs = async (cluster: string, owner: Account | undefined, paths: string[]): Promise<RunAs> => {
  const ourUid = process.getuid?.();
  if (ourUid === undefined) return { account: undefined, prefix: [] };
  if (ourUid !== 0) {
    if (owner !== undefined && owner.uid !== ourUid) {
      throw new StartRefused(
        `${cluster} belongs to user id ${owner.uid} and the hub runs as ${ourUid}: ` +
          `start the hub as that user (or root, if root started it first), or hand the folder over with chown -R ${ourUid}.`,
      );
    }
    return { account: undefined, prefix: [] };
  }
  const account = owner !== undefined && owner.uid !== 0 ? owner : await accountForRoot();
  const blocked: string[] = [];
  for (const path of paths) {
    const folder = await blockedFolder(path, account);
    if (folder !== undefined) blocked.push(folder);
  }
  if (blocked.length === 0) return { account, prefix: [] };
  const prefix = await passThroughCapability(account);
  if (prefix !== undefined) return { account, prefix };
  throw new StartRefused(
    `PostgreSQL runs as user "${accountName}" and may not pass ${blocked[0]}: allow it with chmod o+x ${blocked[0]}, ` +
      'put the hub and HUB_DATA_DIR elsewhere, start the hub as an ordinary user, or set DATABASE_URL.',
  );
};
