import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import { migrate } from './migrate.ts';
import { openPool, transact } from './postgres.ts';
import { fingerprintOf, isSignedBy, newKey, openSigner, signerOf } from './signing-key.ts';
import { StartRefused } from './start-refused.ts';

let server: PostgresForTests;
let folder: string;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  server = await postgresForTests();
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xingyuan-key-'));
  pool = openPool(await server.newDatabase(), { maxConnections: 2 });
  await migrate(transact(pool));
});
afterEach(async () => {
  await pool.end();
  await rm(folder, { recursive: true });
});

test('a key is made once, and signs the same way ever after', async () => {
  const signers = await Promise.all([openSigner(pool, folder), openSigner(pool, folder)]);
  const later = await openSigner(pool, 'elsewhere');
  expect(signers.map(({ key }) => key)).toEqual([later.key, later.key]);
  const message = Buffer.from('why');
  const signature = later.sign(message);
  expect(isSignedBy(later.key.publicKey, message, signature)).toBe(true);
  expect(isSignedBy(later.key.publicKey, Buffer.from('because'), signature)).toBe(false);
  expect(isSignedBy('nonsense', message, signature)).toBe(false);
  expect(isSignedBy(later.key.publicKey, message, 'nonsense')).toBe(false);
  expect(later.key.fingerprint).toBe(fingerprintOf(later.key.publicKey));
});

test('the key that a hub kept in its folder goes on signing', async () => {
  const pem = newKey();
  await writeFile(join(folder, 'signing-key.pem'), pem);
  expect((await openSigner(pool, folder)).key).toEqual(signerOf(pem).key);
  expect((await openSigner(pool, 'elsewhere')).key).toEqual(signerOf(pem).key);
});

test('a file that holds no such key is told of, and no other key is made', async () => {
  await writeFile(join(folder, 'signing-key.pem'), 'half a k');
  await expect(openSigner(pool, folder)).rejects.toThrow(StartRefused);
  await expect(openSigner(pool, folder)).rejects.toThrow(/signing-key\.pem/);
  expect((await pool.query('SELECT FROM hub.signing_key')).rows).toEqual([]);
});
