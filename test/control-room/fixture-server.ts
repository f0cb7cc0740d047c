import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { deviceModels } from '../../devices/model.ts';
import type { EventItem } from '../../services/api/schemas.ts';
import { Refusal } from '../../services/event-log/decider.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { answerCommands, commandDevices } from './fixture/device-commands.ts';
import { answerIntegrators, commandIntegrators, streamMessages } from './fixture/integrators.ts';
import { answerMatters, commandMatter, openMatters } from './fixture/matters.ts';
import { answerOperations, commandOperations } from './fixture/operations.ts';
import { commandFor, ordersFor, pauseReasonItems } from './fixture/order-routes.ts';
import { answerShifts, commandShifts } from './fixture/shifts.ts';
import { answerCity, answerRating, commandRecord, commandReplay, pageOf, type Refused } from './fixture/star-routes.ts';
import { compoundItems, createWorld, type World } from './fixture/world.ts';

/**
 * The API's answers out of memory, for working on the page without a hub and for its own browser tests:
 * `npx tsx test/control-room/fixture-server.ts 8090`, user `zhoubin`, password `xingyuan`.
 */
export interface FixtureServer {
  url: string;
  world: World;
  /** Ends the live streams; `false` refuses new ones until `true`. */
  setLive(on: boolean): void;
  close(): Promise<void>;
}

const builtPage = join(import.meta.dirname, '../../dashboards/control-room/dist');

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

const fits = (query: URLSearchParams, name: string, value: string | null | undefined): boolean =>
  !query.has(name) || query.get(name) === value;

function answerLists(world: World, path: string, query: URLSearchParams): unknown {
  if (path === '/api/compounds') return pageOf(compoundItems(world), query);
  if (path === '/api/devices') {
    const found = [...world.devices.values()].filter(
      (device) =>
        fits(query, 'compound', device.compound) &&
        fits(query, 'state', device.health.state) &&
        fits(query, 'kind', device.kind),
    );
    return pageOf(found, query);
  }
  if (path === '/api/work-orders') return pageOf(ordersFor(world, query), query);
  if (path === '/api/pause-reasons') return pauseReasonItems;
  if (path === '/api/device-models') return { items: deviceModels };
  return undefined;
}

function answerOne(world: World, path: string, query: URLSearchParams): unknown {
  const parts = path.split('/').map(decodeURIComponent).slice(2);
  const [family, id = '', part] = parts;
  if (part === 'authorities' || part === 'certificates') return { items: [] };
  if (family === 'compounds' && part === 'rating' && id === 'shengde-hemei-jiayuan') {
    return answerRating(world, parts.slice(1), query);
  }
  if (family === 'compounds' && part === 'records') {
    return pageOf(world.records.get(`${id} ${query.get('kind')}`) ?? [], query);
  }
  if (family === 'compounds' && part === undefined) return compoundItems(world).find((compound) => compound.id === id);
  if (family === 'devices' && part === 'events') return pageOf(world.events.get(id) ?? [], query);
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
  const body = await bodyOf(request);
  try {
    const told = path.startsWith('/api/matters')
      ? commandMatter(world, path, body)
      : (commandShifts(world, request.method ?? '', path, body) ??
        commandIntegrators(world, path, body) ??
        commandDevices(world, path, body) ??
        commandOperations(world, path, body));
    if (told !== undefined) return send(response, 200, told);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(response, statusOf[error.code] ?? 409, error.code, error.message);
  }
  if (path.startsWith('/api/compounds/')) return answerCompoundCommand(world, path, body, response);
  if (path.startsWith('/api/rating-replays')) {
    const told = commandReplay(world, path, body);
    return told === undefined ? refuse(response, 404, 'http.404') : send(response, id === '' ? 202 : 200, told);
  }
  try {
    send(response, name === 'photos' ? 201 : 200, commandFor(world, id, name, body, 'zhoubin'));
  } catch (error) {
    if (error instanceof Refusal) return refuse(response, statusOf[error.code] ?? 409, error.code, error.message);
    refuse(response, 400, 'input.invalid', String(error));
  }
}

/** Where the hub answers anything but a conflict. */
const statusOf: Record<string, number> = {
  'work-order.unknown': 404,
  'work-order.note-missing': 422,
  'work-order.not-a-photo': 422,
};

const isRefused = (answer: unknown): answer is Refused =>
  typeof answer === 'object' && answer !== null && 'status' in answer && 'code' in answer;

function answerCompoundCommand(world: World, path: string, body: Record<string, unknown>, response: ServerResponse) {
  const parts = path.split('/').map(decodeURIComponent).slice(3);
  if (parts.length === 1) {
    const compound = world.compounds.find(({ id }) => id === parts[0]);
    return send(response, 200, Object.assign(compound ?? {}, body));
  }
  const told = commandRecord(world, parts, body);
  if (!isRefused(told)) return send(response, 201, told);
  const { status, code, errors } = told;
  send(response, status, { type: `urn:xingyuan:problem:${code}`, title: code, status, code, detail: code, errors });
}

const session = { user: 'zhoubin', department: null, expiresAt: '2099-01-01T00:00:00.000Z' };

export async function startFixtureServer(port = 0, folder = builtPage): Promise<FixtureServer> {
  const world = createWorld(systemClock);
  openMatters(world);
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
      return send(
        response,
        200,
        { token: 'fixture', ...session, role: world.role },
        { 'set-cookie': `${cookie}; HttpOnly; Path=/` },
      );
    }
    if (!(request.headers.cookie ?? '').includes(cookie)) return refuse(response, 401, 'login.needed');
    if (pathname === '/api/logout') return send(response, 200, {}, { 'set-cookie': 'session=; Max-Age=0; Path=/' });
    if (pathname === '/api/me') return send(response, 200, { ...session, role: world.role });
    if (pathname === '/api/live') return openStream(response);
    if (pathname.endsWith('/messages')) return streamMessages(world, response);
    if (request.method !== 'GET') return answerCommand(world, pathname, request, response);
    const photo = world.photos.get(pathname.replace('/api/work-orders/', '').replace('/photos/', '/'));
    if (photo !== undefined) {
      return void response.writeHead(200, { 'content-type': photo.mediaType }).end(photo.bytes);
    }
    const found =
      answerMatters(world, pathname, searchParams) ??
      answerShifts(world, pathname) ??
      answerIntegrators(world, pathname) ??
      answerCommands(world, pathname, searchParams) ??
      answerOperations(world, pathname) ??
      answerLists(world, pathname, searchParams) ??
      answerOne(world, pathname, searchParams) ??
      answerCity(world, pathname, searchParams);
    if (typeof found === 'object' && found !== null && 'csv' in found) {
      return void response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end(String(found.csv));
    }
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
