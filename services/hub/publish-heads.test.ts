import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogHead } from '../event-log/event-log.ts';
import { type PublishedHead, readHeads } from '../event-log/heads-file.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { type HeadTarget, headsFile, headsWebhook, publishHeads } from './publish-heads.ts';

const hash = (digit: number): string => String(digit).repeat(64);
const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what}: not in time`);
};

const publisherOf = (...targets: HeadTarget[]) => {
  const state: { head: LogHead } = { head: { position: '1', hash: hash(1) } };
  const metrics = createMetrics();
  const publisher = publishHeads({
    ...{ log: { head: async () => state.head }, clock: { now: () => 0 }, logger: silentLogger, metrics, targets },
  });
  const failing = async (target: string) =>
    (await metrics.logHeadFailing.get()).values.find(({ labels }) => labels.target === target)?.value;
  return { state, publisher, failing };
};

const memoryTarget = () => {
  const told: PublishedHead[] = [];
  const target: HeadTarget = {
    name: 'mqtt',
    publish: async (head) => void told.push(head),
  };
  return { told, target };
};

describe('the log’s head', () => {
  test('is told at the start and at the end, each once', async () => {
    const { told, target } = memoryTarget();
    const { state, publisher } = publisherOf(target);
    await until('told', () => told.length === 1);
    expect(JSON.parse(publisher.newest()!)).toEqual({ position: '1', hash: hash(1), at: '1970-01-01T00:00:00.000Z' });
    state.head = { position: '2', hash: hash(2) };
    await publisher.stop();
    expect(told.map(({ position }) => position)).toEqual(['1', '2']);
  });

  test('of an empty log is no head', async () => {
    const { told, target } = memoryTarget();
    const { state, publisher } = publisherOf(target);
    state.head = { position: null, hash: hash(0) };
    await publisher.stop();
    expect(told.filter(({ position }) => position === null)).toEqual([]);
  });

  test('is told everybody else while one does not take it, and that shows', async () => {
    const { told, target } = memoryTarget();
    const broken: HeadTarget = {
      name: 'webhook',
      publish: () => Promise.reject(new Error('it answers 503')),
    };
    const never: HeadTarget = { name: 'file', publish: () => new Promise(() => {}) };
    const { publisher, failing } = publisherOf(broken, never, target);
    await until('told', () => told.length === 1 && publisher.trouble().length === 1);
    expect(publisher.trouble()).toEqual([expect.stringMatching(/webhook since 1970.*: it answers 503/)]);
    expect([await failing('webhook'), await failing('mqtt')]).toEqual([1, 0]);
    // The stop doesn't wait for ever for the one that never answers.
    await publisher.stop();
  });
});

describe('a webhook', () => {
  test('gets JSON, and an answer that is no success counts as not told', async () => {
    const bodies: unknown[] = [];
    let status = 503;
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        bodies.push(JSON.parse(text));
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const target = headsWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/heads`);
    const head = { position: '7', hash: hash(7), at: '2026-01-01T00:00:00.000Z' };
    await expect(target.publish(head)).rejects.toThrow('503');
    status = 204;
    await target.publish(head);
    expect(bodies).toEqual([head, head]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'xingyuan-heads-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('gets a line a head, which can be read back, also after a line that a crash cut short', async () => {
    const path = join(folder, 'below', 'heads.jsonl');
    const file = headsFile(path);
    await file.publish({ position: '1', hash: hash(1), at: '2026-01-01T00:00:00.000Z' });
    await appendFile(path, '{"position":"2","ha');
    await file.publish({ position: '3', hash: hash(3), at: '2026-01-01T00:00:00.000Z' });
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
    expect(await readHeads(path)).toEqual({
      heads: [
        { position: '3', hash: hash(3) },
        { position: '1', hash: hash(1) },
      ],
      unreadable: 1,
    });
  });
});
