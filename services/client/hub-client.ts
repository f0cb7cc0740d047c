import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';

/** What the hub refused, with its problem's code and detail. */
export class HubRefused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export interface HubClient {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: unknown): Promise<Answer>;
  patch<Answer>(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<void>;
  /** An answer that goes on until the signal aborts. */
  stream(path: string, signal: AbortSignal): Promise<Response>;
}

/** Logs in over HTTP. Throws `HubRefused`, or a sentence naming the address when nothing answers there. */
export const connectHub = async (url: string, user: string, password: string): Promise<HubClient> => {
  let token: string | undefined;
  const refusalOf = (status: number, text: string): HubRefused => {
    const problem = JSON.parse(text || '{}') as { code?: string; detail?: string };
    return new HubRefused(status, problem.code ?? `http.${status}`, problem.detail ?? text);
  };
  const call = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    let response: Response;
    const ask = (): Promise<Response> =>
      fetch(new URL(path, url), {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    try {
      // A connection that was idle may be closed by the hub in the moment in which it is used again.
      response = await (method === 'GET' ? ask().catch(ask) : ask());
    } catch (error) {
      throw new Error(`no hub answers at ${url}: ${(error as Error).message}. Start it with npm start.`);
    }
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    if (response.ok) return (isJson ? JSON.parse(text) : text) as Answer;
    throw refusalOf(response.status, text);
  };
  ({ token } = await call<{ token: string }>('POST', '/api/login', { user, password }));
  return {
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    async stream(path, signal) {
      const answer = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` }, signal });
      if (!answer.ok) throw refusalOf(answer.status, await answer.text());
      return answer;
    },
  };
};

/** Registers something that may be there already. Answers `undefined` when it was. */
export const registerOnce = async <Answer>(
  hub: HubClient,
  path: string,
  body: unknown,
): Promise<Answer | undefined> => {
  try {
    return await hub.post<Answer>(path, body);
  } catch (error) {
    if (error instanceof HubRefused && error.code.endsWith('already-registered')) return undefined;
    throw error;
  }
};

interface Credential {
  username: string;
  password: string;
}

/** Registers a device and answers its MQTT credential; one that is registered already gets a new password. */
export const registerWithCredential = async (hub: HubClient, device: { id: string }): Promise<Credential> => {
  const registered = await registerOnce<{ credential: Credential }>(hub, '/api/devices', device);
  return registered?.credential ?? hub.post<Credential>(`/api/devices/${device.id}/credential`);
};

export const connectMqtt = (
  url: string,
  { username, password }: Credential,
  will?: { topic: string; payload: Buffer },
): Promise<MqttClient> =>
  connectAsync(url, {
    protocolVersion: 5,
    username,
    password,
    clientId: username,
    reconnectPeriod: 1000,
    ...(will === undefined ? {} : { will: { ...will, qos: 1, retain: true } }),
  });

/** Asks again until `ready` says yes. Throws after `seconds`. */
export const until = async (seconds: number, what: string, ready: () => Promise<boolean>): Promise<void> => {
  for (let left = seconds * 5; left > 0; left -= 1) {
    if (await ready()) return;
    await sleep(200);
  }
  throw new Error(`${what}: not within ${seconds} s`);
};
