import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MqttApplication, MqttConnectionInfo, MqttPrincipal } from '../ingest/mqtt/application.ts';
import { certificateOf, listen, tlsOptionsOf } from '../ingest/mqtt/listeners.ts';
import type { TlsMaterial } from '../ingest/mqtt/tls-material.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { OcppVersion } from './answers.ts';
import { basicPassword, type Claim, claimOf, versionsOf } from './handshake.ts';
import { type Station, type StationParts, serveStation } from './station.ts';

export interface OcppServerParts extends StationParts {
  /** The same door that MQTT's clients come in by: a post is a device with its credential. */
  application: Pick<
    MqttApplication,
    'authenticate' | 'connected' | 'disconnected' | 'publish' | 'quotaOf' | 'rejected'
  >;
  index: Pick<RegistryIndex, 'device' | 'deviceByExternalId'>;
}

interface Refused {
  status: 400 | 401 | 403 | 404 | 503;
  reason: string;
}
interface Admitted {
  claim: Claim;
  principal: MqttPrincipal;
  info: MqttConnectionInfo;
}

const frameBytesMax = 1024 * 1024;
const probeEveryMs = 60_000;
/** A post that doesn't finish its goodbye is cut off. */
const closingMs = 2_000;

const reasonPhrases: Record<Refused['status'], string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
};

const refuse = (stream: Duplex, { status, reason }: Refused): void => {
  const challenge = status === 401 ? 'WWW-Authenticate: Basic realm="OCPP", charset="UTF-8"\r\n' : '';
  const head = `HTTP/1.1 ${status} ${reasonPhrases[status]}\r\n${challenge}Connection: close\r\n`;
  stream.end(`${head}Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`);
};

const goneAfter = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

const notWebSocket = (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(426, { upgrade: 'websocket' }).end('OCPP: connect by WebSocket\n');
};

/** What a post proved by certificate, where it came over TLS. */
type CertificateOf = (request: IncomingMessage) => ReturnType<typeof certificateOf>;

/** Who a post is, or why it isn't let in. */
const admit = async (
  { application, index }: OcppServerParts,
  request: IncomingMessage,
  presented: CertificateOf,
): Promise<Admitted | Refused> => {
  const claim = claimOf(index, request.url ?? '/');
  if (claim === undefined) {
    return { status: 404, reason: 'No such post: connect to /<device id>, or /<compound>/<identity>.\n' };
  }
  const { device, identity } = claim;
  if (versionsOf(device).length === 0) {
    const reason = `${device.id} is registered with the dialect ${device.dialect}; register it with ocpp16, ocpp201 or auto.\n`;
    return { status: 403, reason };
  }
  const { remoteAddress = 'unknown', remotePort = 0 } = request.socket;
  const address = `${remoteAddress}:${remotePort}`;
  const info: MqttConnectionInfo = { remoteAddress: address, clientId: identity, protocolVersion: 4 };
  const password = basicPassword(request, claim);
  const certificate = presented(request);
  if (certificate !== undefined) info.certificate = certificate;
  const principal =
    password === undefined && certificate === undefined
      ? undefined
      : await application.authenticate(device.id, password, info);
  if (principal !== undefined && 'turnedAway' in principal) return { status: 401, reason: `${principal.turnedAway}\n` };
  if (principal?.kind !== 'device') return { status: 401, reason: 'User name or password is wrong.\n' };
  return { claim, principal, info };
};

/** Lets posts in, each until it goes. */
const createDoor = (parts: OcppServerParts, stations: Map<string, Station>, isClosing: () => boolean) => {
  const { application, failed } = parts;
  const admitted = new WeakMap<IncomingMessage, Admitted>();
  const sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: frameBytesMax, perMessageDeflate: false },
    handleProtocols: (offered, request) =>
      versionsOf(admitted.get(request)!.claim.device).find((version) => offered.has(version)) ?? false,
  });

  /** A post that is here again takes the place of its older connection. */
  const welcome = async (socket: WebSocket, { claim, principal, info }: Admitted): Promise<void> => {
    const { device } = claim;
    if (socket.protocol === '') {
      // OCPP-J 1.6, 3.1.2: the handshake is completed without a subprotocol, then closed.
      socket.on('error', () => undefined);
      socket.close(1002, `offer the subprotocol ${versionsOf(device).join(' or ')}`);
      return;
    }
    socket.pause();
    const name = device.externalId ?? device.id;
    const version = socket.protocol as OcppVersion;
    const station = serveStation(parts, { socket, principal, name, version });
    try {
      await application.connected(principal, { ...info, keepaliveSeconds: probeEveryMs / 1000 });
    } catch (error) {
      failed(error, 'letting a post in');
      station.end('hub-failed', 1013, 'come back later');
      socket.resume();
      return;
    }
    stations.get(device.id)?.end('taken-over', 1000, 'the post is here on a newer connection');
    stations.set(device.id, station);
    socket.resume();
    const reason = await station.over;
    if (stations.get(device.id) === station) stations.delete(device.id);
    if (!isClosing()) await application.disconnected(principal, reason, info);
  };

  return async (request: IncomingMessage, stream: Duplex, head: Buffer, presented: CertificateOf): Promise<void> => {
    stream.on('error', () => stream.destroy());
    try {
      const who = isClosing()
        ? { status: 503 as const, reason: 'The hub stops.\n' }
        : await admit(parts, request, presented);
      if ('status' in who) {
        refuse(stream, who);
        const remoteAddress = request.socket.remoteAddress ?? 'unknown';
        await application.rejected(undefined, 'connect-refused', { remoteAddress, reason: who.reason.trim() });
        return;
      }
      admitted.set(request, who);
      sockets.handleUpgrade(request, stream, head, (socket) => {
        welcome(socket, who).catch((error) => failed(error, 'seeing a post off'));
      });
    } catch (error) {
      failed(error, 'letting a post in');
      refuse(stream, { status: 503, reason: 'Come back later.\n' });
    }
  };
};

/**
 * The central system that charging posts connect to by WebSocket: OCPP 1.6J and 2.0.1, Security Profile 1 (Basic),
 * 2 (Basic over TLS) and 3 (a client certificate).
 */
export const createOcppServer = (parts: OcppServerParts) => {
  const { failed } = parts;
  const stations = new Map<string, Station>();
  const servers: Server[] = [];
  let closing = false;

  const upgrade = createDoor(parts, stations, () => closing);
  const serve = (
    server: Server,
    where: Parameters<typeof listen>[1],
    presented: CertificateOf = () => undefined,
  ): Promise<AddressInfo> => {
    server.on('upgrade', (request, stream, head) => void upgrade(request, stream, head, presented));
    servers.push(server);
    return listen(server, where, failed);
  };
  const probing = setInterval(() => {
    for (const station of stations.values()) station.probe();
  }, probeEveryMs).unref();

  return {
    /** Port 0 lets the system choose. Rejects with `StartRefused` where a setting is the remedy. */
    listen: (port: number, host: string): Promise<AddressInfo> =>
      serve(createHttpServer(notWebSocket), { port, host, name: 'OCPP', variable: 'HUB_OCPP_PORT' }),
    listenTls: (material: TlsMaterial, port: number, host: string): Promise<AddressInfo> =>
      serve(
        createHttpsServer(tlsOptionsOf(material), notWebSocket),
        { port, host, name: 'OCPP over TLS', variable: 'HUB_OCPP_TLS_PORT' },
        ({ socket }) => certificateOf(socket as TLSSocket, material),
      ),
    isConnected: (device: string): boolean => stations.has(device),
    /** Sends a frame to a post; `false` when it is not connected here. */
    send: (device: string, frame: string): boolean => stations.get(device)?.send(frame) ?? false,
    /** Ends the connection of a device whose credential counts no longer. */
    dismiss(device: string, text: string): void {
      stations.get(device)?.end('dismissed', 1008, text.slice(0, 100));
    },
    /** Answers what was read, says goodbye; within a time limit. Idempotent. */
    async close(): Promise<void> {
      closing = true;
      clearInterval(probing);
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      const all = [...stations.values()];
      await Promise.race([Promise.all(all.map((station) => station.idle())), goneAfter(closingMs)]);
      for (const station of all) station.end('goodbye', 1001, 'the hub stops');
      await Promise.race([Promise.all(all.map((station) => station.over)), goneAfter(closingMs)]);
      for (const station of all) station.end('goodbye');
      for (const server of servers) server.closeAllConnections();
      await Promise.all(closed);
    },
  };
};

export type OcppServer = ReturnType<typeof createOcppServer>;
