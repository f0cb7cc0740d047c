import { createServer, connect as dial, type Socket } from 'node:net';

/** Answers whether somebody listens there. */
const reach = (port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });

const join = (client: Socket, server: Socket): void => {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('data', (chunk) => void to.write(chunk));
    from.on('close', () => to.destroy());
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
  }
};

/** A TCP balancer as it stands before several hubs: one after the other, past those that don't listen. */
export const startBalancer = async (ports: readonly number[]) => {
  let turn = 0;
  const taken = new Map<number, number>(ports.map((port) => [port, 0]));
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    client.pause();
    const pass = async (triesLeft: number): Promise<void> => {
      const port = ports[turn++ % ports.length]!;
      const upstream = await reach(port);
      if (upstream === undefined) {
        if (triesLeft > 1) return pass(triesLeft - 1);
        client.destroy();
        return;
      }
      taken.set(port, taken.get(port)! + 1);
      join(client, upstream);
      client.resume();
    };
    void pass(ports.length);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    /** How many connections each hub was given so far. */
    taken: (port: number): number => taken.get(port)!,
    async stop(): Promise<void> {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
