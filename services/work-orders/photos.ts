import { createHash } from 'node:crypto';
import { Refusal } from '../event-log/decider.ts';
import type { Sql } from '../runtime/sql.ts';
import { photoBytesMax, type photoTypes } from './commands.ts';

export type PhotoType = (typeof photoTypes)[number];

export interface Photo {
  sha256: string;
  mediaType: PhotoType;
  bytes: Buffer;
}

const ascii = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to);

/** By its first bytes, whatever its name says; `undefined` for anything that isn't one of the three. */
export const photoTypeOf = (bytes: Buffer): PhotoType | undefined => {
  if (bytes.length < 12) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  return ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP' ? 'image/webp' : undefined;
};

/** Throws a `Refusal` for what is no photo or too large a one. */
export const photoOf = (bytes: Buffer): Photo => {
  if (bytes.length > photoBytesMax) {
    throw new Refusal('work-order.photo-too-large', `a photo has at most ${photoBytesMax} bytes`, { field: 'data' });
  }
  const mediaType = photoTypeOf(bytes);
  if (mediaType === undefined) {
    throw new Refusal('work-order.not-a-photo', 'a photo is JPEG, PNG or WebP', { field: 'data' });
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), mediaType, bytes };
};

/** Keeps pictures apart from the log, which names them by their hash: they may show people, and must be erasable. */
export const createPhotoStore = (sql: Sql) => ({
  async put(order: string, { sha256, mediaType, bytes }: Photo): Promise<void> {
    await sql.query(
      `INSERT INTO hub.work_order_photo (work_order, sha256, media_type, bytes) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [order, sha256, mediaType, bytes],
    );
  },
  /** `undefined` where there never was one, or where it was erased. */
  async get(order: string, sha256: string): Promise<Photo | undefined> {
    const { rows } = await sql.query<{ media_type: PhotoType; bytes: Buffer }>(
      'SELECT media_type, bytes FROM hub.work_order_photo WHERE work_order = $1 AND sha256 = $2',
      [order, sha256],
    );
    const found = rows[0];
    return found === undefined ? undefined : { sha256, mediaType: found.media_type, bytes: found.bytes };
  },
  async erase(order: string, sha256: string): Promise<boolean> {
    const { rowCount } = await sql.query('DELETE FROM hub.work_order_photo WHERE work_order = $1 AND sha256 = $2', [
      order,
      sha256,
    ]);
    return rowCount !== 0;
  },
});
export type PhotoStore = ReturnType<typeof createPhotoStore>;
