import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { EventItem } from '../../services/api/schemas.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { makeHistory, makeRating } from './fixture/rating.ts';
import { commandOrder, compoundItems, createWorld, isOpen, type World } from './fixture/world.ts';

/**
 * The API's answers out of memory, for working on the page without a hub and for its own browser tests:
 * `npx tsx dashboards/control-room/fixture-server.ts 8090`, user `zhoubin`, password `xingyuan`.
 */
export interface FixtureServer {
  url: string;
  world: World;
  /** Ends the live streams; `false` refuses new ones until `true`. */
  setLive(on: boolean): void;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const cookie = 'session=fixture';

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
};
const refuse = (response: ServerResponse, status: number, code: string, detail = code): void =>
  send(response, status, { type: `urn:xingyuan:problem:${code}`, title: code, status, code, detail });

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** A list's cursor is the index of its next item. */
const page = <Item>(items: Item[], query: URLSearchParams) => {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 100);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next };
};

const fits = (query: URLSearchParams, name: string, value: string | null | undefined): boolean =>
  !query.has(name) || query.get(name) === value;

function answerLists(world: World, path: string, query: URLSearchParams): unknown {
  if (path === '/api/compounds') return page(compoundItems(world), query);
  if (path === '/api/devices') {
    const found = [...world.devices.values()].filter(
      (device) =>
        fits(query, 'compound', device.compound) &&
        fits(query, 'state', device.health.state) &&
        fits(query, 'kind', device.kind),
    );
    return page(found, query);
  }
  if (path === '/api/work-orders') {
    const state = query.get('state') ?? 'open';
    const found = [...world.orders.values()].filter(
      (order) =>
        fits(query, 'compound', order.compound) &&
        fits(query, 'priority', order.priority) &&
        fits(query, 'device', order.device) &&
        (state === 'all' || (state === 'open') === isOpen(order)),
    );
    return page(found, query);
  }
  return undefined;
}

function answerOne(world: World, path: string, query: URLSearchParams): unknown {
  const [, , family, id = '', part, deeper] = path.split('/').map(decodeURIComponent);
  const now = systemClock.now();
  if (family === 'compounds' && part === 'rating' && id === 'shengde-hemei-jiayuan') {
    return deeper === 'history'
      ? { items: makeHistory(now), next: null }
      : makeRating(id, Date.parse(query.get('at') ?? isoTime(now)));
  }
  if (family === 'compounds' && part === undefined) return compoundItems(world).find((compound) => compound.id === id);
  if (family === 'devices' && part === 'events') return page(world.events.get(id) ?? [], query);
  if (family === 'devices') return world.devices.get(id);
  if (family === 'work-orders') return world.orders.get(id);
  return undefined;
}

async function answerCommand(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , , id = '', name = ''] = path.split('/').map(decodeURIComponent);
  const order = world.orders.get(id);
  const body = await bodyOf(request);
  if (order === undefined) return refuse(response, 404, 'work-order.unknown');
  if (!order.allowed.includes(name)) return refuse(response, 409, 'work-order.wrong-state');
  if (name === 'close' && (body.outcome ?? 'repaired') === 'repaired' && order.faultStanding) {
    return refuse(response, 409, 'work-order.device-still-faulty');
  }
  commandOrder(world, order, name, body, 'zhoubin');
  send(response, 200, order);
}

const session = { user: 'zhoubin', role: 'operator', expiresAt: '2099-01-01T00:00:00.000Z' };

export async function startFixtureServer(port = 0, folder = join(import.meta.dirname, 'dist')): Promise<FixtureServer> {
  const world = createWorld(systemClock);
  const streams = new Set<ServerResponse>();
  let live = true;

  const openStream = (response: ServerResponse): void => {
    if (!live) return void response.destroy();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const beat = () =>
      response.write(`event: heartbeat\ndata: ${JSON.stringify({ at: isoTime(systemClock.now()) })}\n\n`);
    beat();
    const timer = setInterval(beat, 5_000);
    const pass = (event: EventItem) =>
      response.write(`id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    world.listeners.add(pass);
    streams.add(response);
    response.on('close', () => {
      clearInterval(timer);
      world.listeners.delete(pass);
      streams.delete(response);
    });
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fixture');
    if (!pathname.startsWith('/api/')) return serveFile(folder, pathname, response);
    if (pathname === '/api/login') {
      const { user, password } = await bodyOf(request);
      if (user !== 'zhoubin' || password !== 'xingyuan') return refuse(response, 401, 'login.refused');
      return send(response, 200, { token: 'fixture', ...session }, { 'set-cookie': `${cookie}; HttpOnly; Path=/` });
    }
    if (!(request.headers.cookie ?? '').includes(cookie)) return refuse(response, 401, 'login.needed');
    if (pathname === '/api/logout') return send(response, 200, {}, { 'set-cookie': 'session=; Max-Age=0; Path=/' });
    if (pathname === '/api/me') return send(response, 200, session);
    if (pathname === '/api/live') return openStream(response);
    if (request.method === 'POST') return answerCommand(world, pathname, request, response);
    const found = answerLists(world, pathname, searchParams) ?? answerOne(world, pathname, searchParams);
    return found === undefined ? refuse(response, 404, 'http.404') : send(response, 200, found);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, 500, 'http.500', String(error)));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    setLive(on) {
      live = on;
      if (!on) for (const stream of streams) stream.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveFile(folder: string, pathname: string, response: ServerResponse): Promise<void> {
  const name = pathname === '/' ? 'index.html' : normalize(pathname);
  try {
    const content = await readFile(join(folder, name));
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(content);
  } catch {
    refuse(response, 404, 'http.404');
  }
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await startFixtureServer(Number(process.argv[2] ?? 8090));
  process.stdout.write(`${url}\n`);
}
