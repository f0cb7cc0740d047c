import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../runtime/clock.ts';
import { type Config, describeConfig, readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { type RunningHub, startHub } from './hub.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stopSecondsMax = 10;

const greet = (hub: RunningHub, config: Config, startedMs: number): void => {
  say(`Xingyuan 星园 is up after ${((systemClock.now() - startedMs) / 1000).toFixed(1)} s.`);
  const servesApi = config.HUB_ROLES.includes('api');
  const url = `http://localhost:${hub.httpPort}`;
  say(servesApi ? `  Control room and API   ${url}/   (user admin)` : `  Health and metrics     ${url}/health/ready`);
  if (hub.mqttPort !== undefined) say(`  MQTT for devices       mqtt://localhost:${hub.mqttPort}`);
  if (hub.mqttTlsPort !== undefined) say(`  MQTT over TLS          mqtts://localhost:${hub.mqttTlsPort}`);
  if (hub.mqttWebSocketPort !== undefined) say(`  MQTT over WebSocket    ws://localhost:${hub.mqttWebSocketPort}/mqtt`);
  if (hub.ocppPort !== undefined) say(`  OCPP for posts         ws://localhost:${hub.ocppPort}/<device>`);
  if (hub.ocppTlsPort !== undefined) say(`  OCPP over TLS          wss://localhost:${hub.ocppTlsPort}/<device>`);
  if (hub.adminPassword !== undefined) {
    say(`  Password of admin      ${hub.adminPassword}   (told this once; set HUB_ADMIN_PASSWORD to choose your own)`);
  }
  if (hub.adminPasswordIsOther) {
    say(
      '  Password of admin      not HUB_ADMIN_PASSWORD, which counts at the first start only: log in with the one it has,',
    );
    say('                         and change it with POST /api/account/password {"current": …, "new": …}');
  }
  const password = hub.adminPassword ?? (hub.adminPasswordIsOther ? '<password>' : '$HUB_ADMIN_PASSWORD');
  if (servesApi) say(`  Try                    curl -u 'admin:${password}' ${url}/api/compounds`);
};

const stopAtOnceAfterAWhile = (hub: RunningHub): void => {
  const stopAtOnce = (): void => {
    process.stderr.write(
      `The hub stops at once: after ${stopSecondsMax} s it was still waiting for ${hub.stopWaitsFor()} to end.\n`,
    );
    process.exit(1);
  };
  setTimeout(stopAtOnce, stopSecondsMax * 1000).unref();
};

/** First signal: stop in order. Second, or after ten seconds: stop at once. */
const stopOnSignals = (hub: RunningHub): void => {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    say('Stopping …');
    stopAtOnceAfterAWhile(hub);
    hub.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // A closed terminal; without it the hub would end at once and leave its PostgreSQL behind.
  process.on('SIGHUP', stop);
};

/**
 * V8 looks through a heap again once it holds twice what lived in it, of all threads. By itself it lets one grow
 * fourfold, so that a storm of connections takes the garbage of hundreds of megabytes from the system.
 */
const boundGarbage = (): void => {
  setFlagsFromString('--heap-growing-percent=100');
};

const main = async (): Promise<void> => {
  boundGarbage();
  const startedMs = systemClock.now();
  const config = readConfig(process.env);
  const logger = createLogger(config.HUB_LOG_LEVEL);
  logger.info({ config: describeConfig(config) }, 'settings');
  const hub = await startHub(config, logger, { inThreads: true });
  stopOnSignals(hub);
  hub.databaseDied.then(async (lastWords) => {
    stopAtOnceAfterAWhile(hub);
    process.stderr.write(`The hub's PostgreSQL has ended by itself, so the hub stops. ${lastWords}\n`);
    await hub.stop();
    process.exit(1);
  });
  greet(hub, config, startedMs);
};

main().catch((error: unknown) => {
  const refused = error instanceof StartRefused;
  process.stderr.write(refused ? `The hub did not start. ${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
});
