import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { StartRefused } from '../runtime/start-refused.ts';
import type { LogHead } from './event-log.ts';

const line = z.object({ position: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/), at: z.string().optional() });

/** What somebody keeps, to show later that the log's end was not cut off and its past not changed. */
export interface PublishedHead {
  position: string;
  hash: string;
  /** When it was the head. */
  at: string;
}

/** A line a head, appended and on disk before it counts. */
export const appendHead = async (path: string, head: PublishedHead): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    // After a crash in the middle of a line: it stays as it is, and the next one is whole.
    const begin = size > 0 && buffer[0] !== 0x0a ? '\n' : '';
    await file.appendFile(`${begin}${JSON.stringify(head)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
};

/** `<position>:<hash>`, as `npm run log -- head` prints it. */
export const parseHead = (text: string): LogHead => {
  const [position = '', hash = ''] = text.split(':');
  const parsed = line.safeParse({ position, hash });
  if (parsed.success && position !== '') return { position, hash };
  throw new StartRefused(`"${text}" is no head: write <position>:<hash>, as npm run log -- head prints it.`);
};

export interface KeptHeads {
  /** The newest first. */
  heads: LogHead[];
  /** Lines that are no heads: a crash may cut one short. */
  unreadable: number;
}

const headOf = (text: string): LogHead | undefined => {
  try {
    const { position, hash } = line.parse(JSON.parse(text));
    return { position, hash };
  } catch {
    return undefined;
  }
};

/** Heads that the hub wrote down, a JSON object a line. */
export const readHeads = async (file: string): Promise<KeptHeads> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartRefused(`The heads in ${file} can't be read (${error.code ?? error.message}).`);
  });
  const lines = text.split('\n').filter((each) => each !== '');
  const heads = lines.flatMap((each) => headOf(each) ?? []).reverse();
  if (heads.length === 0) throw new StartRefused(`There is no head in ${file}: {"position":"…","hash":"…"} is wanted.`);
  return { heads, unreadable: lines.length - heads.length };
};
