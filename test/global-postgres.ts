import { startThrowAwayServer } from './postgres-for-tests.ts';

/** Jest's `globalSetup`: one server for the whole run, unless `TEST_POSTGRES_URL` names one; the answer stops it. */
export const startForRun = async (): Promise<() => Promise<void>> => {
  if (process.env.TEST_POSTGRES_URL) return async () => {};
  const server = await startThrowAwayServer();
  process.env.TEST_POSTGRES_URL = server.url;
  return server.stop;
};
