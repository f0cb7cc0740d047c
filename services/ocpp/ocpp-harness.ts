import { dialects } from '../../devices/dialects/registry.ts';
import { createIngestHarness, deviceFor } from '../ingest/ingest-harness.ts';
import { createMqttApplication } from '../ingest/mqtt-application.ts';
import { createQuotas } from '../ingest/quota.ts';
import { secretHash } from '../registry/credential.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createOcppServer } from './ocpp-server.ts';

const host = '127.0.0.1';
export const password = 'a-password-of-24-letters';

/** The server over the ingest and the log in memory, with posts of both versions. */
export const createOcppHarness = () => {
  const post = { kind: 'charging-post' as const };
  const hub = createIngestHarness({
    devices: [
      deviceFor('post-1', { ...post, dialect: 'ocpp16', externalId: 'CP 0001' }),
      deviceFor('post-2', { ...post, dialect: 'ocpp201' }),
      deviceFor('post-3', { ...post, dialect: 'auto' }),
      deviceFor('post-4', { ...post, dialect: 'ocpp16', retiredAt: '2026-01-02T00:00:00.000Z' }),
      deviceFor('gate-1'),
    ],
  });
  const names = ['post-1', 'post-2', 'post-3', 'post-4', 'gate-1'];
  hub.index.load({
    ...{ compounds: [], devices: [], revisions: [] },
    credentials: names.map((name) => ({ username: name, device: name, secretSha256: secretHash(password) })),
  });
  const failures: unknown[] = [];
  const application = createMqttApplication({
    ...{ ingest: hub.ingest, index: hub.index, metrics: hub.metrics, clock: hub.clock, logger: silentLogger },
    dialects: new Map(dialects.map((dialect) => [dialect.name, dialect] as const)),
    levels: hub.levels,
    quotas: createQuotas({ messagesPerSecond: 0, log: hub.log, metrics: hub.metrics, failed: failures.push }),
    verifyAccount: async () => undefined,
    deliver: () => undefined,
    answer: () => undefined,
  });
  const server = createOcppServer({
    ...{ application, index: hub.index, clock: hub.clock },
    failed: (error) => void failures.push(error),
  });
  return {
    ...{ hub, application, server, failures },
    listen: async (): Promise<string> => `ws://${host}:${(await server.listen(0, host)).port}`,
  };
};
