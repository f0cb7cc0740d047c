import { createHash } from 'node:crypto';
import { Refusal } from '../../event-log/decider.ts';
import type { Sql } from '../../runtime/sql.ts';
import { photoBytesMax } from '../commands.ts';
import { photoTypeOf } from '../photos.ts';

export interface StoredDocument {
  sha256: string;
  mediaType: string;
  bytes: Buffer;
}

/** Throws a `Refusal` for what is neither a PDF nor a picture, or too large. */
export const documentOf = (bytes: Buffer): StoredDocument => {
  if (bytes.length > photoBytesMax) {
    throw new Refusal('matter.document-too-large', `a document has at most ${photoBytesMax} bytes`, { field: 'data' });
  }
  const isPdf = bytes.toString('latin1', 0, 5) === '%PDF-';
  const mediaType = isPdf ? 'application/pdf' : photoTypeOf(bytes);
  if (mediaType === undefined) {
    throw new Refusal('matter.not-a-document', 'a document is PDF, JPEG, PNG or WebP', { field: 'data' });
  }
  return { sha256: createHash('sha256').update(bytes).digest('hex'), mediaType, bytes };
};

/** Keeps papers apart from the log, which names them by their hash. */
export const createDocumentStore = (sql: Sql) => ({
  async put(matter: string, { sha256, mediaType, bytes }: StoredDocument): Promise<void> {
    await sql.query(
      `INSERT INTO hub.matter_document (matter, sha256, media_type, bytes) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [matter, sha256, mediaType, bytes],
    );
  },
  async get(matter: string, sha256: string): Promise<StoredDocument | undefined> {
    const { rows } = await sql.query<{ media_type: string; bytes: Buffer }>(
      'SELECT media_type, bytes FROM hub.matter_document WHERE matter = $1 AND sha256 = $2',
      [matter, sha256],
    );
    const found = rows[0];
    return found && { sha256, mediaType: found.media_type, bytes: found.bytes };
  },
  async erase(matter: string, sha256: string): Promise<void> {
    await sql.query('DELETE FROM hub.matter_document WHERE matter = $1 AND sha256 = $2', [matter, sha256]);
  },
  async has(matter: string, sha256: string): Promise<boolean> {
    const { rows } = await sql.query('SELECT 1 FROM hub.matter_document WHERE matter = $1 AND sha256 = $2', [
      matter,
      sha256,
    ]);
    return rows.length > 0;
  },
});
