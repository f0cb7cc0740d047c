import { connect, createServer, type Socket } from 'node:net';

/** A wire that can be cut without either end hearing of it. Listens on a port of its own for as long as it lives. */
export const startTcpProxy = async (targetPort: () => number, host = '127.0.0.1') => {
  const pairs = new Set<[Socket, Socket]>();
  let isMute = false;
  let isRefusing = false;
  let bytes = 0;

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (near) => {
    near.on('error', () => undefined);
    if (isRefusing) return void near.destroy();
    const far = connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (to.write(chunk)) return;
        from.pause();
        to.once('drain', () => !isMute && from.resume());
      });
      from.on('error', () => undefined);
      // A mute wire carries no news of an end either; it is told when it works again.
      from.on('close', () => !isMute && end());
      from.on('end', () => !isMute && to.end());
    }
    if (isMute) far.pause();
    else near.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };

  return {
    port,
    bytes: (): number => bytes,
    /** Nothing passes, nothing is closed; what was sent meanwhile arrives when the wire works again. */
    mute(now: boolean): void {
      isMute = now;
      for (const pair of pairs) {
        for (const socket of pair) now ? socket.pause() : socket.resume();
        if (!now && pair.some((socket) => socket.destroyed)) for (const socket of pair) socket.destroy();
      }
    },
    /** New connections are closed at once. */
    refuse(now: boolean): void {
      isRefusing = now;
    },
    /** Both ends hear that the connection is gone. */
    cutAll(): void {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    async close(): Promise<void> {
      isMute = false;
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type TcpProxy = Awaited<ReturnType<typeof startTcpProxy>>;
