import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sql } from './sql.ts';
import { StartRefused } from './start-refused.ts';

/** What others need of the hub's key: SubjectPublicKeyInfo (RFC 8410), DER in base64. */
export interface PublicKey {
  algorithm: 'Ed25519';
  publicKey: string;
  /** SHA-256 of the same bytes, hex: short enough to be compared by eye. */
  fingerprint: string;
}

export interface Signer {
  key: PublicKey;
  /** Base64. */
  sign(message: Buffer): string;
}

const file = 'signing-key.pem';

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');

/** Signs with an Ed25519 key that is given as PEM. */
export const signerOf = (pem: string): Signer => {
  const secret = createPrivateKey(pem);
  if (secret.asymmetricKeyType !== 'ed25519') throw new TypeError(`it is of type ${secret.asymmetricKeyType}`);
  const publicKey = spkiOf(createPublicKey(secret)).toString('base64');
  return {
    key: { algorithm: 'Ed25519', publicKey, fingerprint: fingerprintOf(publicKey) },
    sign: (message) => sign(null, message, secret).toString('base64'),
  };
};

export const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The key that a hub kept in its data folder before its database held it; `undefined` where there is none. */
const keyInFolder = async (dataDir: string): Promise<string | undefined> => {
  const path = join(dataDir, file);
  try {
    const pem = await readFile(path, 'utf8');
    signerOf(pem);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StartRefused(
      `The hub's signing key in ${path} can't be used (${(error as Error).message}). Put it back from a backup; ` +
        'or move it away, and the hub makes another, by which what was signed before can no longer be checked.',
    );
  }
};

const storedKey = async (sql: Sql): Promise<string | undefined> => {
  const { rows } = await sql.query<{ pem: string }>('SELECT pem FROM hub.signing_key');
  return rows[0]?.pem;
};

/** The key of a hub's database, made where there is none; of two that ask at once both get the first one's. */
export const openSigner = async (sql: Sql, dataDir: string): Promise<Signer> => {
  const stored = await storedKey(sql);
  if (stored !== undefined) return signerOf(stored);
  const pem = (await keyInFolder(dataDir)) ?? newKey();
  await sql.query('INSERT INTO hub.signing_key (pem) VALUES ($1) ON CONFLICT DO NOTHING', [pem]);
  return signerOf((await storedKey(sql))!);
};

/** The hub's key, opened when it is asked for first; one that can't be opened is tried again. */
export const keepSigner = (sql: Sql, dataDir: string): (() => Promise<Signer>) => {
  let opening: Promise<Signer> | undefined;
  return () => {
    opening ??= openSigner(sql, dataDir).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
};

/** `false` also for what is no key or no signature at all. */
export const isSignedBy = (publicKey: string, message: Buffer, signature: string): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};
