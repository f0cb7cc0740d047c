import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { ClientCertificate } from '../../registry/device-certificate.ts';
import { listenRefusal } from '../../runtime/listen-refusal.ts';
import type { Peer } from './link.ts';
import type { TlsMaterial } from './tls-material.ts';

/** Takes a client on a stream of whatever kind. */
export type Accept = (stream: Duplex, peer: Peer) => void;

/**
 * Acknowledgements are batched by the connections, so Nagle's algorithm would only delay them. TCP's keepalive finds the
 * lost clients that asked for none of MQTT's. A paused socket goes on reading up to the mark, chunk by chunk: ten
 * thousand would fill the heap with what the system's buffers can hold.
 */
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, highWaterMark: 1_024 };
/**
 * All devices of a city come back at once. Node takes one connection at each turn of its loop, and a busy loop's turns are
 * long: whom the queue can't hold is turned away by the system in the end. It takes the smaller of this and its own
 * limit (`net.core.somaxconn`).
 */
const backlog = 65_535;

const addressOf = ({ remoteAddress, remotePort }: { remoteAddress?: string; remotePort?: number }): string =>
  `${remoteAddress ?? 'unknown'}:${remotePort ?? 0}`;

export const tcpListener = (accept: Accept): Server =>
  createServer(socketOptions, (socket) => accept(socket, { remoteAddress: addressOf(socket) }));

/** What the client proved by certificate, for whoever judges it. */
export const certificateOf = (socket: TLSSocket, { authority }: TlsMaterial): ClientCertificate | undefined => {
  const x509 = socket.getPeerX509Certificate();
  if (x509 === undefined) return undefined;
  const certificate = { x509, name: String(x509.toLegacyObject().subject?.CN ?? '') };
  if (authority === undefined) return { ...certificate, isOperators: false };
  return socket.authorized
    ? { ...certificate, isOperators: true }
    : { ...certificate, isOperators: false, operatorsProblem: String(socket.authorizationError) };
};

/**
 * A client may prove by certificate which device it is; one that is not good is let through to an answer that can say why.
 * Without an authority of the operator's, Node's own list of authorities has no say.
 */
export const tlsOptionsOf = ({ key, cert, authority }: TlsMaterial) => ({
  ...{ key, cert, ca: authority ?? [], minVersion: 'TLSv1.2' as const, requestCert: true, rejectUnauthorized: false },
});

/** MQTT over TLS. */
export const tlsListener = (
  material: TlsMaterial,
  accept: Accept,
  options: { handshakeTimeoutMs: number; failed(error: Error): void },
): Server =>
  createTlsServer(
    { ...socketOptions, ...tlsOptionsOf(material), handshakeTimeout: options.handshakeTimeoutMs },
    (socket) => {
      const certificate = certificateOf(socket, material);
      accept(socket, { remoteAddress: addressOf(socket), ...(certificate === undefined ? {} : { certificate }) });
    },
  ).on('tlsClientError', (error) => options.failed(error));

/** MQTT over WebSocket, on any path. */
export const webSocketListener = (accept: Accept, messageBytesMax: number): Server => {
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { upgrade: 'websocket' }).end('MQTT over WebSocket: connect with the subprotocol mqtt\n');
  });
  const sockets = new WebSocketServer({
    server: http,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    // [MQTT-6.0.0-3] [MQTT-6.0.0-4]
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  sockets.on('connection', (socket, request) => {
    if (socket.protocol !== 'mqtt') {
      socket.on('error', () => undefined);
      socket.close(1002, 'the subprotocol is mqtt');
      return;
    }
    let stream: Duplex | undefined;
    socket.on('message', (_, isBinary) => {
      // [MQTT-6.0.0-1]
      if (!isBinary) stream?.destroy();
    });
    stream = createWebSocketStream(socket);
    accept(stream, { remoteAddress: addressOf(request.socket) });
  });
  return http;
};

/** Port 0 lets the system choose. Rejects with `StartRefused` where a setting is the remedy. */
export const listen = (
  server: Server,
  { port, host, name, variable }: { port: number; host: string; name: string; variable: string },
  failed: (error: unknown, doing: string) => void,
): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(listenRefusal(error, { name, port, variable, host }));
    server.once('error', refused);
    server.listen({ port, host, backlog }, () => {
      server.off('error', refused);
      server.on('error', (error) => failed(error, 'accepting connections'));
      resolve(server.address() as AddressInfo);
    });
  });
