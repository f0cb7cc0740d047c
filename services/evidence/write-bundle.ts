import { createHash } from 'node:crypto';
import type { ProofLine } from '../event-log/proof-lines.ts';
import type { Signer } from '../runtime/signing-key.ts';
import type { HeaderLine, ItemLine, SignatureLine } from './bundle-lines.ts';

/** What a bundle says, line by line, but for its signature. */
export type UnsignedLine = HeaderLine | ItemLine | ProofLine;

const textOf = (line: UnsignedLine | SignatureLine): string => `${JSON.stringify(line)}\n`;

/** The lines as text, and a last one that signs them. */
export async function* signedBundle(lines: AsyncIterable<UnsignedLine>, signer: Signer): AsyncGenerator<string> {
  const digest = createHash('sha256');
  for await (const line of lines) {
    const text = textOf(line);
    digest.update(text);
    yield text;
  }
  const sha256 = digest.digest();
  yield textOf({ kind: 'signature', sha256: sha256.toString('hex'), signature: signer.sign(sha256) });
}
