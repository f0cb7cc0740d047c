import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { StartRefused } from '../../runtime/start-refused.ts';

/*
 * A backup is gzip over text: a line of JSON about the whole, then for each table a line of JSON and its rows as COPY
 * writes them, ended by a line `\.`, and at last a line of JSON with the SHA-256 of everything before it.
 */

export const backupHead = z.object({
  xingyuanBackup: z.literal(1),
  /** Number of the newest migration that the tables had. */
  schema: z.int(),
  at: z.string(),
  /** Months that have a shelf. */
  months: z.array(z.string().regex(/^\d{4}-\d{2}$/)),
  head: z.object({ position: z.string().nullable(), hash: z.string() }),
});
export type BackupHead = z.infer<typeof backupHead>;

const tableHead = z.object({
  table: z.string().regex(/^[a-z][a-z0-9_]*$/),
  columns: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)),
});
export type TableHead = z.infer<typeof tableHead>;

const end = z.object({ sha256: z.string(), rows: z.record(z.string(), z.int()) });

const blockBytes = 65_536;
const terminator = Buffer.from('\\.\n');

/** Writes under another name first: a backup that was cut short never stands where a whole one is looked for. */
export const writeBackup = async (
  path: string,
  head: BackupHead,
  tables: (
    begin: (table: TableHead) => { row(bytes: Buffer): Promise<void> | undefined; end(): void },
  ) => Promise<void>,
): Promise<Record<string, number>> => {
  const part = `${path}.part`;
  const gzip = createGzip({ level: 1, chunkSize: blockBytes });
  const sha256 = createHash('sha256');
  const written = pipeline(gzip, createWriteStream(part, { mode: 0o600, flush: true }));
  written.catch(() => {});
  const rows: Record<string, number> = {};
  let block: Buffer[] = [];
  let size = 0;
  const flush = (): Promise<void> | undefined => {
    const bytes = Buffer.concat(block, size);
    [block, size] = [[], 0];
    sha256.update(bytes);
    if (gzip.write(bytes)) return undefined;
    // A disk that is full ends the pipe: then there is no drain to wait for.
    return Promise.race([once(gzip, 'drain'), written]).then(() => {});
  };
  const put = (bytes: Buffer): Promise<void> | undefined => {
    block.push(Buffer.from(bytes));
    size += bytes.length;
    return size < blockBytes ? undefined : flush();
  };
  const line = (about: unknown): void => void put(Buffer.from(`${JSON.stringify(about)}\n`));
  try {
    line(head);
    await tables((table) => {
      line(table);
      rows[table.table] = 0;
      return {
        row(bytes) {
          rows[table.table]! += 1;
          return put(bytes);
        },
        end: () => void put(terminator),
      };
    });
    await flush();
    gzip.end(`${JSON.stringify({ sha256: sha256.digest('hex'), rows })}\n`);
    await written;
    await rename(part, path);
    return rows;
  } catch (error) {
    gzip.destroy();
    await written.catch(() => {});
    await rm(part, { force: true });
    throw error;
  }
};

const damaged = (path: string, why: string): StartRefused =>
  new StartRefused(`${path} can't be restored: ${why}. Take another backup; nothing was stored.`);

/** Reads lines and stretches of rows off a stream of bytes, and hashes what it gave. */
const createReader = (source: AsyncIterator<Buffer>) => {
  let rest: Buffer = Buffer.alloc(0);
  const sha256: Hash = createHash('sha256');
  const more = async (): Promise<boolean> => {
    const { value, done } = await source.next();
    if (done === true) return false;
    rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    return true;
  };
  const take = (count: number): Buffer => {
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  };
  return {
    sha256,
    /** Without its end; `undefined` where the stream ends before it. */
    async line(): Promise<string | undefined> {
      while (!rest.includes(0x0a)) if (!(await more())) return undefined;
      return take(rest.indexOf(0x0a) + 1).toString('utf8', 0);
    },
    /** Up to the terminator. Answers how many rows there were, `undefined` where the stream ends before it. */
    async rows(write: (chunk: Buffer) => Promise<void>): Promise<number | undefined> {
      let count = 0;
      for (;;) {
        const lastEnd = rest.lastIndexOf(0x0a) + 1;
        let from = 0;
        // Only whole lines are looked at: the terminator is a line of its own.
        while (from < lastEnd) {
          if (rest[from] === 0x5c && rest[from + 1] === 0x2e && rest[from + 2] === 0x0a) break;
          from = rest.indexOf(0x0a, from) + 1;
          count += 1;
        }
        if (from > 0) {
          const chunk = take(from);
          sha256.update(chunk);
          await write(chunk);
        }
        if (from < lastEnd) {
          sha256.update(take(terminator.length));
          return count;
        }
        if (!(await more())) return undefined;
      }
    },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Reads a backup: `begin` gets the line about the whole, `table` each table with a function that writes its rows. Throws
 * `StartRefused` for a file that is none, was cut short or was changed, maybe only after the last table.
 */
export const readBackup = async (
  path: string,
  begin: (head: BackupHead) => Promise<void>,
  table: (about: TableHead, feed: (write: (chunk: Buffer) => Promise<void>) => Promise<void>) => Promise<void>,
): Promise<Record<string, number>> => {
  const file = createReadStream(path, { highWaterMark: blockBytes });
  const gunzip = file.pipe(createGunzip({ chunkSize: blockBytes }));
  file.once('error', (error) => gunzip.destroy(error));
  const reader = createReader(gunzip[Symbol.asyncIterator]());
  const rows: Record<string, number> = {};
  const cutShort = () => damaged(path, 'it was cut short');
  const nextLine = async (): Promise<string> => {
    const text = await reader.line();
    if (text === undefined) throw cutShort();
    return text;
  };
  try {
    const first = await nextLine();
    const head = backupHead.safeParse(parsed(first));
    if (!head.success) throw damaged(path, 'it is no backup of this hub');
    reader.sha256.update(first);
    await begin(head.data);
    for (;;) {
      const text = await nextLine();
      const last = end.safeParse(parsed(text));
      if (last.success) {
        const isWhole = last.data.sha256 === reader.sha256.digest('hex');
        if (!isWhole || JSON.stringify(last.data.rows) !== JSON.stringify(rows)) throw damaged(path, 'it was changed');
        return rows;
      }
      const about = tableHead.safeParse(parsed(text));
      if (!about.success) throw damaged(path, 'it was changed');
      reader.sha256.update(text);
      await table(about.data, async (write) => {
        const count = await reader.rows(write);
        if (count === undefined) throw cutShort();
        rows[about.data.table] = count;
      });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new StartRefused(`The backup ${path} can't be read (${code}).`);
    if (code?.startsWith('Z_'))
      throw damaged(path, code === 'Z_BUF_ERROR' ? 'it was cut short' : 'it is damaged, or no backup');
    throw error;
  } finally {
    file.destroy();
    gunzip.destroy();
    await finished(gunzip).catch(() => {});
  }
};
