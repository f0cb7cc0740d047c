import { register } from 'tsx/esm/api';

/** Jest loads this file itself, without its transform for TypeScript. */
export default async () => {
  const unregister = register();
  const { startForRun } = await import('./global-postgres.ts');
  globalThis.stopPostgresOfRun = await startForRun();
  await unregister();
};
