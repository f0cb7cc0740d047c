import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { checksumOf } from '../chain.ts';
import type { StoredEvent } from '../stored-event.ts';
import { copiedLeaf } from './copied-leaf.ts';
import { copyText } from './copy-events.ts';

const text = fc.string({ unit: fc.constantFrom('a', '\\', '\n', '\r', '\t', 'n', 't', '门', '"', '{') });
const event: fc.Arbitrary<StoredEvent> = fc.record({
  position: fc.integer({ min: 1, max: 2 ** 40 }),
  stream: text,
  revision: fc.nat(),
  id: fc.uuid(),
  type: text,
  data: text,
  meta: text,
});

test('a row becomes what its checksum covers, and its fields are found in it', () => {
  fc.assert(
    fc.property(event, (stored) => {
      const [position, stream, revision, id, type, data, meta, , checksum] = copyText([stored])
        .slice(0, -1)
        .split('\t');
      const row = [position, checksum, id, stream, revision, type, data, meta].join('\t');
      const { leaf, ends, ...rest } = copiedLeaf(Buffer.from(`${row}\n`));
      expect(rest).toEqual({ position: stored.position, checksum: checksumOf(stored) });
      expect(crc32(leaf) | 0).toBe(checksumOf(stored));
      const fields = [...ends, leaf.length].map((end, field) => leaf.toString('utf8', (ends[field - 1] ?? 0) + 1, end));
      expect(fields).toEqual([stored.id, stored.stream, `${stored.revision}`, stored.type, stored.data, stored.meta]);
    }),
  );
});
