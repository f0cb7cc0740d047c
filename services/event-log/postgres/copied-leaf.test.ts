import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { checksumOf } from '../chain.ts';
import { copiedLeaf } from './copied-leaf.ts';
import { awkwardText, storedEventOf } from './stored-event-for-tests.ts';

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** As the server does it. */
const escaped = (field: string): string => field.replace(/[\\\n\r\t]/g, (character) => escapes[character]!);

test('a row becomes what its checksum covers, and its fields are found in it', () => {
  fc.assert(
    fc.property(storedEventOf(awkwardText, awkwardText), (stored) => {
      const { position, id, stream, revision, type, data, meta } = stored;
      const texts = [id, stream, `${revision}`, type, data, meta].map(escaped);
      const row = [position, checksumOf(stored), ...texts].join('\t');
      const { leaf, ends, ...rest } = copiedLeaf(Buffer.from(`${row}\n`));
      expect(rest).toEqual({ position, checksum: checksumOf(stored) });
      expect(crc32(leaf) | 0).toBe(checksumOf(stored));
      const fields = [...ends, leaf.length].map((end, field) => leaf.toString('utf8', (ends[field - 1] ?? 0) + 1, end));
      expect(fields).toEqual([id, stream, `${revision}`, type, data, meta]);
    }),
  );
});
