import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createScrapeAccount } from '../../infra/docker/create-scrape-account.ts';

/** As much of the hub's accounts as the program speaks to. */
const startHub = async (accounts: Map<string, string>) => {
  const server = createServer(async (request, response) => {
    const body = JSON.parse((await request.toArray()).join('')) as { user: string; password: string; role?: string };
    const answer = (status: number, json: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    if (request.url === '/api/login') {
      if (accounts.get(body.user) === body.password) answer(200, { token: body.user });
      else answer(401, { code: 'login.refused', detail: 'no' });
    } else if (request.headers.authorization !== 'Bearer admin' || body.role !== 'viewer') {
      answer(403, { code: 'forbidden', detail: 'no' });
    } else if (accounts.has(body.user)) {
      answer(409, { code: 'account.exists', detail: 'there is one' });
    } else {
      accounts.set(body.user, body.password);
      answer(201, {});
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
};

test.each<[string, Record<string, string>, string | undefined]>([
  ['is made', { admin: 'admin-password' }, undefined],
  ['is there already', { prometheus: 'scrape-password' }, undefined],
  ['has another password', { admin: 'admin-password', prometheus: 'other' }, 'PROMETHEUS_HUB_PASSWORD'],
  ["can't be made by another admin", { admin: 'other' }, 'HUB_ADMIN_PASSWORD'],
])('the account of Prometheus %s', async (_, accounts, refusal) => {
  const known = new Map(Object.entries(accounts));
  const hub = await startHub(known);
  try {
    const run = createScrapeAccount(hub.url, 'admin-password', 'scrape-password');
    if (refusal === undefined) {
      await run;
      expect(known.get('prometheus')).toBe('scrape-password');
    } else {
      await expect(run).rejects.toThrow(refusal);
    }
  } finally {
    hub.stop();
  }
});
