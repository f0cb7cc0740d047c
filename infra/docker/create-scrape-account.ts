import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectHub, HubRefused } from '../../services/client/hub-client.ts';

const user = 'prometheus';

const mayLogIn = async (hubUrl: string, password: string): Promise<boolean> => {
  try {
    await connectHub(hubUrl, user, password);
    return true;
  } catch (error) {
    if (error instanceof HubRefused && error.status === 401) return false;
    throw error;
  }
};

/** Gives Prometheus an account of the hub that may only look, unless it has one. Throws a sentence for the operator. */
export const createScrapeAccount = async (hubUrl: string, adminPassword: string, password: string): Promise<void> => {
  if (await mayLogIn(hubUrl, password)) return;
  const admin = await connectHub(hubUrl, 'admin', adminPassword).catch((error: unknown) => {
    if (!(error instanceof HubRefused && error.status === 401)) throw error;
    throw new Error('HUB_ADMIN_PASSWORD in .env is not the password of admin: write the one in use there.');
  });
  try {
    await admin.post('/api/accounts', { user, role: 'viewer', password });
  } catch (error) {
    if (!(error instanceof HubRefused && error.code === 'account.exists')) throw error;
    throw new Error(
      `The hub's account ${user} has another password than PROMETHEUS_HUB_PASSWORD in .env: write the one in use there.`,
    );
  }
};

/** `create-scrape-account.ts <hub> <folder>`: the folder holds `admin-password` and `prometheus-password`. */
const main = async ([hubUrl, folder]: readonly string[]): Promise<void> => {
  if (hubUrl === undefined || folder === undefined) throw new Error('create-scrape-account.ts <hub> <folder>');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
  await createScrapeAccount(hubUrl, read('admin-password'), read('prometheus-password'));
};

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
