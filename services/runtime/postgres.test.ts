import { createServer, type Socket } from 'node:net';
import { openPool, transact } from './postgres.ts';

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const authenticationOk = message('R', Buffer.alloc(4));
const readyForQuery = message('Z', Buffer.from('I'));
const shutDown = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

/** Lets everybody in and takes it back within the same bytes, as a server does that is being stopped. */
const serverThatIsLeaving = async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(Buffer.concat([authenticationOk, readyForQuery, shutDown])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `postgres://hub:secret@127.0.0.1:${port}/hub`,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

test('a server that goes in the moment of the connection fails the work, and not the process', async () => {
  const server = await serverThatIsLeaving();
  const pool = openPool(server.url);
  await expect(transact(pool)((sql) => sql.query('SELECT 1'))).rejects.toThrow();
  await expect(pool.query('SELECT 1')).rejects.toThrow();
  await pool.end();
  await server.stop();
});
