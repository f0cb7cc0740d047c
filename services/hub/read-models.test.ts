import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { runReadModels } from './read-models.ts';

test('a stop doesn’t wait for a thread that is still starting', async () => {
  const nowhere = 'postgres://hub@127.0.0.1:1/hub';
  const runner = runReadModels({
    settings: { databaseUrl: nowhere, eventLogUrl: nowhere, logLevel: 'silent' },
    passOn: () => undefined,
    logger: silentLogger,
    metrics: createMetrics(),
  });
  const started = runner.start();
  await Promise.all([expect(started).rejects.toThrow('the thread of the read models ended'), runner.stop()]);
});
