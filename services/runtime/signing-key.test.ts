import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, isSignedBy, openSigner } from './signing-key.ts';
import { StartRefused } from './start-refused.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-key-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a key is made once, for its owner alone, and signs the same way ever after', async () => {
  const signers = await Promise.all([openSigner(join(folder, 'hub')), openSigner(join(folder, 'hub'))]);
  const later = await openSigner(join(folder, 'hub'));
  expect(signers.map(({ key }) => key)).toEqual([later.key, later.key]);
  expect(await readdir(join(folder, 'hub'))).toEqual(['signing-key.pem']);
  expect((await stat(join(folder, 'hub', 'signing-key.pem'))).mode & 0o777).toBe(0o600);
  const message = Buffer.from('why');
  const signature = later.sign(message);
  expect(isSignedBy(later.key.publicKey, message, signature)).toBe(true);
  expect(isSignedBy(later.key.publicKey, Buffer.from('because'), signature)).toBe(false);
  expect(isSignedBy('nonsense', message, signature)).toBe(false);
  expect(isSignedBy(later.key.publicKey, message, 'nonsense')).toBe(false);
  expect(later.key.fingerprint).toBe(fingerprintOf(later.key.publicKey));
});

test('a file that holds no such key is told of, and left alone', async () => {
  await writeFile(join(folder, 'signing-key.pem'), 'half a k');
  await expect(openSigner(folder)).rejects.toThrow(StartRefused);
  await expect(openSigner(folder)).rejects.toThrow(/signing-key\.pem/);
});
