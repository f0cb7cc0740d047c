import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** Whole or not at all; of two that start at once the one that comes second takes the first one's. */
const placeKey = async (path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, newKey(), { mode: 0o600, flush: true });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
};

/** The key of a data folder, made where there is none; only its owner can read it. */
export const openSigner = async (dataDir: string): Promise<Signer> => {
  const path = join(dataDir, file);
  if (!existsSync(path)) await placeKey(path);
  try {
    return signerOf(await readFile(path, 'utf8'));
  } catch (error) {
    throw new StartRefused(
      `The hub's signing key in ${path} can't be used (${(error as Error).message}). Put it back from a backup; ` +
        'or move it away, and the hub makes another, by which what was signed before can no longer be checked.',
    );
  }
};

/** The key of a data folder, opened when it is asked for first; one that can't be opened is tried again. */
export const keepSigner = (dataDir: string): (() => Promise<Signer>) => {
  let opening: Promise<Signer> | undefined;
  return () => {
    opening ??= openSigner(dataDir).catch((error: unknown) => {
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
