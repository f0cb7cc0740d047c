export default async () => {
  await globalThis.stopPostgresOfRun?.();
};
