import { connectHub, type HubClient } from '../../services/client/hub-client.ts';
import { freePort } from '../free-port.ts';
import { residentMb, startProgram } from './processes.ts';
import type { ScenarioContext } from './scenario.ts';
import { supervise } from './supervise.ts';
import { until } from './wait.ts';

const adminPassword = 'a password for faults';
const startSecondsMax = 240;

export interface SupervisedHubOptions {
  environment: Record<string, string>;
  preload?: readonly string[];
  prefix?: readonly string[];
  /** Where it listens; 127.0.0.1 unless it lives in a network of its own. */
  host?: string;
  name?: string;
}

const readMetric = async (url: string, name: string): Promise<number | undefined> => {
  const basic = Buffer.from(`admin:${adminPassword}`).toString('base64');
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Basic ${basic}` } });
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1];
  return value === undefined ? undefined : Number(value);
};

/** The hub in its own process, under a supervisor, on ports that stay. Resolves when it is up. */
export const superviseHub = async (context: ScenarioContext, options: SupervisedHubOptions) => {
  const { host = '127.0.0.1', name = 'hub', environment, ...how } = options;
  const [mqttPort, httpPort] = [await freePort(), await freePort()];
  const url = `http://${host}:${httpPort}`;
  const logFile = `${context.folder}/${name}.log`;
  const supervised = supervise(context, () =>
    startProgram({
      ...how,
      program: 'services/hub/main.ts',
      logFile,
      environment: {
        HUB_DATA_DIR: `${context.folder}/${name}`,
        HUB_MQTT_PORT: String(mqttPort),
        HUB_HTTP_PORT: String(httpPort),
        HUB_HOST: host,
        HUB_ADMIN_PASSWORD: adminPassword,
        HUB_LOG_LEVEL: 'warn',
        ...environment,
      },
    }),
  );
  const { current, starts } = supervised;
  const isUp = (): boolean => !current().hasEnded() && current().said().includes('is up after');
  const up = async (): Promise<void> => {
    await until(startSecondsMax, `the hub is up (${logFile})`, isUp);
  };
  await up();
  return {
    ...supervised,
    ...{ url, host, mqttPort, up },
    /** One of the figures that it tells Prometheus. */
    metric: (metric: string) => readMetric(url, metric),
    /** Memory that it holds now. */
    residentMb: () => residentMb(current().pid),
    client: (): Promise<HubClient> => connectHub(url, 'admin', adminPassword),
    signal: (signal: NodeJS.Signals): void => current().kill(signal),
    /** Ends the process by a signal; whoever supervises starts the next. Resolves when the next is up. */
    async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
      const before = starts();
      supervised.expectEnds(1);
      current().kill(signal);
      await until(startSecondsMax, 'the hub is started again', () => starts() > before);
      await up();
    },
  };
};

export type SupervisedHub = Awaited<ReturnType<typeof superviseHub>>;
