import type { AddressInfo, Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { writeToStream } from 'mqtt-packet';
import { isTopicName } from '../../../devices/topic-filter.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { DismissReason, MqttApplication, MqttPrincipal } from './application.ts';
import { MqttConnection, type Surroundings } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { type MqttCounters, noCounts } from './counters.ts';
import { Farewells } from './farewells.ts';
import { type MqttLimits, mqttLimits } from './limits.ts';
import type { MqttContext, Peer } from './link.ts';
import { listen, tcpListener, tlsListener, webSocketListener } from './listeners.ts';
import type { MqttDelivery } from './outbound.ts';
import { reasonCode } from './reason-codes.ts';
import { SessionStore } from './session-store.ts';
import { SubscriberIndex } from './subscriber-index.ts';
import type { TlsMaterial } from './tls-material.ts';
import { UnderWay } from './under-way.ts';

export interface MqttServerOptions {
  application: MqttApplication;
  clock: Clock;
  /** Told of application calls that rejected, and of defects. */
  failed(error: unknown, doing: string): void;
  limits?: Partial<MqttLimits>;
}

export interface DeliveryOptions extends Omit<MqttDelivery, 'topic' | 'payload' | 'subscriptionIdentifiers'> {
  /** Only to sessions of this principal. */
  to?: string;
}

/** One timer for all connections: keepalives, quotas and sessions need no finer one. */
const tickMs = 250;

// It would keep a buffer for each of 65,536 numbers, 7 MB of heap that every full collection walks.
writeToStream.cacheNumbers = false;

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });

/** An MQTT server that is not a broker: clients publish to the hub and hear what the hub says, never each other. */
export class MqttServer {
  readonly counters: MqttCounters = noCounts();
  readonly tcp: Server;
  readonly #servers: Server[];
  readonly #context: MqttContext;
  readonly #surroundings: Surroundings;
  readonly #index = new SubscriberIndex();
  readonly #connections = new Set<MqttConnection>();
  #ticking: NodeJS.Timeout | undefined;
  #closing = false;

  constructor({ application, clock, failed, ...options }: MqttServerOptions) {
    const limits = mqttLimits(options.limits);
    const underWay = new UnderWay(limits);
    const throttled = { messages: 0, bytes: 0 };
    this.#context = { application, clock, failed, limits, counters: this.counters, underWay, throttled };
    const farewells = new Farewells(this.#context);
    const table = new ConnectionTable(farewells);
    const sessions = new SessionStore(this.#context, this.#index);
    this.#surroundings = { context: this.#context, farewells, table, sessions };
    this.tcp = tcpListener((stream, peer) => this.accept(stream, peer));
    this.#servers = [this.tcp];
  }

  /** Port 0 lets the system choose. Rejects with `StartRefused` where a setting is the remedy. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return listen(this.tcp, { port, host, name: 'MQTT', variable: 'HUB_MQTT_PORT' }, this.#context.failed);
  }

  listenTls(material: TlsMaterial, port: number, host: string): Promise<AddressInfo> {
    const { limits, failed } = this.#context;
    const server = tlsListener(material, (stream, peer) => this.accept(stream, peer), {
      handshakeTimeoutMs: limits.connectTimeoutMs,
      failed: () => {
        this.counters.connectionsRefused += 1;
      },
    });
    this.#servers.push(server);
    return listen(server, { port, host, name: 'MQTT over TLS', variable: 'HUB_MQTT_TLS_PORT' }, failed);
  }

  listenWebSocket(port: number, host: string): Promise<AddressInfo> {
    const { limits, failed } = this.#context;
    const server = webSocketListener((stream, peer) => this.accept(stream, peer), limits.packetBytesMax);
    this.#servers.push(server);
    return listen(server, { port, host, name: 'MQTT over WebSocket', variable: 'HUB_MQTT_WS_PORT' }, failed);
  }

  /** Takes a client on any stream. */
  accept(stream: Duplex, peer: Peer): void {
    if (this.#closing || this.#connections.size >= this.#context.limits.connectionsMax) {
      this.counters.connectionsRefused += 1;
      stream.on('error', () => undefined);
      stream.destroy();
      return;
    }
    const connection = new MqttConnection(stream, peer, this.#surroundings);
    this.#connections.add(connection);
    this.#ticking ??= setInterval(() => this.#tick(), tickMs).unref();
    stream.once('close', () => this.#connections.delete(connection));
  }

  /**
   * Sends to the clients whose subscriptions match, and keeps QoS 1 for those who are away and whose session stands; says
   * to how many.
   */
  deliver(topic: string, payload: Uint8Array | string, { to, ...options }: DeliveryOptions): number {
    if (!isTopicName(topic)) throw new RangeError(`${topic} is no topic`);
    return this.#index.deliver({ topic, payload, ...options }, to);
  }

  /** Ends all connections of a principal that may no longer go on as it does; what it subscribed to stays for a new password only. */
  dismiss(principal: Pick<MqttPrincipal, 'kind' | 'id'>, why: DismissReason, text: string): void {
    const code = why === 'new-password' ? reasonCode.notAuthorized : reasonCode.administrativeAction;
    this.#surroundings.table.endAllOf(principal, { reason: 'dismissed', reasonCode: code, text });
    if (why !== 'new-password') this.#surroundings.sessions.forgetAllOf(principal);
  }

  /** Clients that have been let in. */
  get connectionCount(): number {
    let count = 0;
    for (const connection of this.#connections) if (connection.isOpen) count += 1;
    return count;
  }

  /** Sessions that wait for their clients. */
  get keptSessionCount(): number {
    return this.#surroundings.sessions.size;
  }

  /** Accepts and reads nothing more, answers what was read, says goodbye; within the time limit. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#ticking);
    const { shutdownTimeoutMs, lingerTimeoutMs } = this.#context.limits;
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    const deadline = after(shutdownTimeoutMs - lingerTimeoutMs);
    await Promise.all([...this.#connections].map((connection) => connection.shutDown(deadline)));
    this.#surroundings.sessions.close();
    await Promise.race([this.#surroundings.farewells.close(), deadline]);
    await Promise.race([closed, after(lingerTimeoutMs)]);
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #tick(): void {
    for (const connection of this.#connections) connection.tick(tickMs);
    this.#surroundings.sessions.tick(tickMs);
    if (this.#connections.size > 0 || this.keptSessionCount > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}
