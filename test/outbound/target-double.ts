import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Call {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Behaviour = (response: ServerResponse, call: Call) => void;

/** Ways in which a target takes a call, or fails at it. */
export const takesIt: Behaviour = (response) => void response.writeHead(204).end();
export const answers =
  (status: number, headers: Record<string, string> = {}, text = ''): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end(text);
export const hangs: Behaviour = () => undefined;
export const cuts: Behaviour = (response) => void response.socket?.destroy();
/** The status, and then a body that never ends. */
export const drips =
  (status: number): Behaviour =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
export const floods =
  (status: number, bytes: number): Behaviour =>
  (response) =>
    void response.writeHead(status).end('x'.repeat(bytes));

/** Somebody else's system as a real HTTP server that behaves as it is told. */
export const startTargetDouble = async (port = 0) => {
  const calls: Call[] = [];
  const state: { behaviour: Behaviour } = { behaviour: takesIt };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const call = { path: request.url ?? '', headers: request.headers, body };
      calls.push(call);
      state.behaviour(response, call);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    calls,
    /** Ids of the events in the order in which they came. */
    ids: () => calls.map(({ headers }) => headers['webhook-id'] as string),
    url: `http://127.0.0.1:${address.port}/orders`,
    port: address.port,
    connections: () => sockets.size,
    behave(behaviour: Behaviour): void {
      state.behaviour = behaviour;
    },
    /** Like a process that is gone: nothing listens, and what was open is cut. */
    async stop(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

export type TargetDouble = Awaited<ReturnType<typeof startTargetDouble>>;
