import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (folder: string, command: string[]): void => {
  execFileSync('openssl', command, { cwd: folder, stdio: 'ignore' });
};
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

/** An authority of its own in a temporary folder, and certificates signed by it; with the `openssl` of the machine. */
export const createAuthority = () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-certificates-'));
  const file = (name: string): string => join(folder, name);
  run(folder, ['req', '-x509', ...newKey, 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority']);
  return {
    caFile: file('ca.crt'),
    ca: readFileSync(file('ca.crt')),
    /** Valid for so many days from now; negative: expired. */
    certificate(commonName: string, days = 2): { keyFile: string; certFile: string; key: Buffer; cert: Buffer } {
      const name = `${commonName}${days}`;
      run(folder, ['req', ...newKey, `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`]);
      const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)];
      run(folder, ['x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`]);
      const [keyFile, certFile] = [file(`${name}.key`), file(`${name}.crt`)];
      return { keyFile, certFile, key: readFileSync(keyFile), cert: readFileSync(certFile) };
    },
    remove: (): void => rmSync(folder, { recursive: true }),
  };
};

export type Authority = ReturnType<typeof createAuthority>;
