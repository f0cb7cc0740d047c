import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/logger.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { demoConfig } from './demo-config.ts';
import { play } from './play.ts';
import { type RunningDemo, runDemo } from './run-demo.ts';
import { inspection, story } from './story.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stopSecondsMax = 10;

const clockOf = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

const greet = ({ httpPort, mqttPort, world, connections }: RunningDemo, password: string, startedMs: number): void => {
  const names = world.map(({ compound, devices }) => `${compound.name} (${devices.length} devices)`);
  say(`The demo lives after ${((systemClock.now() - startedMs) / 1000).toFixed(1)} s.`);
  say(`  ${names.join(', ')}, ${connections} MQTT connections`);
  say(`  Control room and API   http://localhost:${httpPort}/`);
  say(`  Log in                 admin / ${password}`);
  say(`  MQTT for devices       mqtt://localhost:${mqttPort}`);
  say('');
  say('What happens, counted from now:');
  const happenings = [...story, ...inspection].sort((left, right) => left.atSeconds - right.atSeconds);
  for (const { atSeconds, told } of happenings) if (told !== undefined) say(`  ${clockOf(atSeconds)}  ${told}`);
  say('');
  say('A simulated shift (zhiban 值班员) works on the orders and leaves some of them to you. Ctrl-C stops.');
};

/** First signal: stop in order. Second, or after ten seconds: stop at once. */
const abortOnSignals = (): AbortSignal => {
  const closing = new AbortController();
  const stop = (): void => {
    if (closing.signal.aborted) process.exit(1);
    say('Stopping …');
    setTimeout(() => process.exit(1), stopSecondsMax * 1000).unref();
    closing.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return closing.signal;
};

/** `--hub http://… --mqtt mqtt://…`: the world lives on a hub that is up already, e.g. another container's. */
const elsewhere = (): { hubUrl: string; mqttUrl: string } | undefined => {
  const { values } = parseArgs({ options: { hub: { type: 'string' }, mqtt: { type: 'string' } } });
  if (values.hub === undefined && values.mqtt === undefined) return undefined;
  if (values.hub === undefined || values.mqtt === undefined || !process.env.HUB_ADMIN_PASSWORD) {
    throw new StartRefused('Give --hub and --mqtt together, and the password of its admin in HUB_ADMIN_PASSWORD.');
  }
  return { hubUrl: values.hub, mqttUrl: values.mqtt };
};

const playElsewhere = async (urls: { hubUrl: string; mqttUrl: string }, signal: AbortSignal): Promise<void> => {
  const password = process.env.HUB_ADMIN_PASSWORD!;
  const playing = await play({ ...urls, password, logger: createLogger('warn'), signal });
  signal.addEventListener('abort', () => playing.stop().then(() => process.exit(0)));
  say(`The demo lives on ${urls.hubUrl}, ${playing.connections} MQTT connections.`);
};

const main = async (): Promise<void> => {
  const startedMs = systemClock.now();
  const urls = elsewhere();
  const signal = abortOnSignals();
  if (urls !== undefined) return playElsewhere(urls, signal);
  const config = demoConfig(process.env);
  say('Starting a hub and registering two compounds …');
  const demo = await runDemo({ config, logger: createLogger(config.HUB_LOG_LEVEL), signal }).catch((error) => {
    if (signal.aborted) process.exit(0);
    throw error;
  });
  signal.addEventListener('abort', () => demo.stop().then(() => process.exit(0)));
  demo.databaseDied.then(async (lastWords) => {
    process.stderr.write(`The hub's PostgreSQL has ended by itself, so the demo stops. ${lastWords}\n`);
    await demo.stop();
    process.exit(1);
  });
  greet(demo, config.HUB_ADMIN_PASSWORD ?? '', startedMs);
};

main().catch((error: unknown) => {
  const refused = error instanceof StartRefused;
  process.stderr.write(refused ? `The demo did not start. ${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
});
