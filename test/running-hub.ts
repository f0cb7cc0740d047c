import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '../services/api/openapi.ts';
import { connectMqtt } from '../services/client/hub-client.ts';
import { type RunningHub, startHub } from '../services/hub/hub.ts';
import { readConfig } from '../services/runtime/config.ts';
import { silentLogger } from '../services/runtime/logger.ts';
import { type PostgresForTests, postgresForTests } from './postgres-for-tests.ts';

export const adminPassword = 'adminadmin';

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or the text where it is none. */
  body: unknown;
}

export interface CallOptions {
  body?: unknown;
  csv?: string;
  headers?: Record<string, string>;
  /** A bearer token, or `null` for none; left out, the admin's. */
  token?: string | null;
}

interface Credential {
  username: string;
  password: string;
}

const pathPattern = (path: string): RegExp => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
const table = operations().map((spec) => ({ ...spec, pattern: pathPattern(spec.path) }));

/** A done answer must be of its operation's own shape, no more and no less. */
const checkShape = (method: string, path: string, { status, headers, body }: Answer): void => {
  const [bare] = path.split('?');
  const spec = table.find((candidate) => candidate.method === method.toLowerCase() && candidate.pattern.test(bare!));
  if (spec === undefined || status >= 400) return;
  expect(status).toBe(spec.status ?? 200);
  if (spec.answer === undefined) return;
  if (spec.alsoAnswers !== undefined && headers.get('content-type')?.startsWith(spec.alsoAnswers)) return;
  const parsed = spec.answer.safeParse(body);
  expect({ method, path, problem: parsed.error?.message }).toEqual({ method, path, problem: undefined });
  expect(parsed.data).toEqual(body);
};

/**
 * The whole hub over a database of its own, and a client that holds every answer against its operation. `settings`:
 * variables beside those that a test hub needs.
 */
export const startTestHub = async (settings: Record<string, string> = {}) => {
  const postgres: PostgresForTests = await postgresForTests();
  const dataDir = await mkdtemp(join(tmpdir(), 'xingyuan-hub-'));
  const config = readConfig({
    HUB_DATA_DIR: dataDir,
    HUB_MQTT_PORT: '0',
    HUB_HTTP_PORT: '0',
    HUB_HOST: '127.0.0.1',
    DATABASE_URL: await postgres.newDatabase(),
    HUB_ADMIN_PASSWORD: adminPassword,
    ...settings,
  });
  let hub: RunningHub = await startHub(config, silentLogger);
  const address = (): string => `http://127.0.0.1:${hub.httpPort}`;
  let adminToken: string | undefined;

  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const { body, csv, token = adminToken, headers = {} } = options;
    const response = await fetch(new URL(path, address()), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(csv === undefined ? {} : { 'content-type': 'text/csv' }),
        ...(token == null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(csv === undefined ? {} : { body: csv }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.match(/\bjson\b/) != null;
    const answer = { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    checkShape(method, path, answer);
    return answer;
  };
  const login = async (user: string, password: string): Promise<string> => {
    const { body } = await call('POST', '/api/login', { body: { user, password }, token: null });
    return (body as { token: string }).token;
  };
  const mqttUrl = (): string => `mqtt://127.0.0.1:${hub.mqttPort}`;
  adminToken = await login('admin', adminPassword);
  return {
    call,
    login,
    mqttUrl,
    url: address,
    ocppUrl: (): string => `ws://127.0.0.1:${hub.ocppPort}`,
    get: async <Body>(path: string): Promise<Body> => (await call('GET', path)).body as Body,
    connect: (credential: Credential) => connectMqtt(mqttUrl(), credential),
    /** Stops the hub and starts it again over the same database. */
    async restart(): Promise<void> {
      await hub.stop();
      hub = await startHub(config, silentLogger);
    },
    async stop(): Promise<void> {
      await hub.stop();
      await postgres.stop();
      await rm(dataDir, { recursive: true });
    },
  };
};

export type TestHub = Awaited<ReturnType<typeof startTestHub>>;

export const until = async <Found>(what: string, look: () => Promise<Found | undefined | false>): Promise<Found> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 15 s`);
};
