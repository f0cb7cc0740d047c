import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { isTopicName } from '../../../devices/topic-filter.ts';
import type { Clock } from '../../runtime/clock.ts';
import { listenRefusal } from '../../runtime/listen-refusal.ts';
import type { MqttApplication } from './application.ts';
import { MqttConnection, type Surroundings } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { type MqttCounters, noCounts } from './counters.ts';
import { Farewells } from './farewells.ts';
import { type MqttLimits, mqttLimits } from './limits.ts';
import type { MqttContext } from './link.ts';
import type { MqttDelivery } from './outbound.ts';
import { SubscriberIndex } from './subscriptions.ts';

export interface MqttServerOptions {
  application: MqttApplication;
  clock: Clock;
  /** Told of application calls that rejected, and of defects. */
  failed(error: unknown, doing: string): void;
  limits?: Partial<MqttLimits>;
}

export interface DeliveryOptions extends Pick<MqttDelivery, 'qos' | 'contentType' | 'userProperties'> {
  /** Only to connections of this principal. */
  to?: string;
}

const tcpKeepAliveDelayMs = 60_000;

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });

/** An MQTT server that is not a broker: clients publish to the hub and hear what the hub says, never each other. */
export class MqttServer {
  readonly counters: MqttCounters = noCounts();
  readonly tcp: Server;
  readonly #context: MqttContext;
  readonly #surroundings: Surroundings;
  readonly #connections = new Set<MqttConnection>();
  #closing = false;

  constructor({ application, clock, failed, limits }: MqttServerOptions) {
    this.#context = { application, clock, failed, limits: mqttLimits(limits), counters: this.counters };
    const farewells = new Farewells(this.#context);
    const table = new ConnectionTable(farewells);
    this.#surroundings = { context: this.#context, farewells, table, index: new SubscriberIndex() };
    // Acknowledgements are batched by the connections, so Nagle's algorithm would only delay them. TCP's keepalive finds
    // the lost clients that asked for none of MQTT's.
    this.tcp = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveDelayMs }, (socket) =>
      this.accept(socket, `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`),
    );
  }

  /** Port 0 lets the system choose. Rejects with `StartRefused` where a setting is the remedy. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      const refused = (error: Error): void =>
        reject(listenRefusal(error, { name: 'MQTT', port, variable: 'HUB_MQTT_PORT', host }));
      this.tcp.once('error', refused);
      this.tcp.listen(port, host, () => {
        this.tcp.off('error', refused);
        this.tcp.on('error', (error) => this.#context.failed(error, 'accepting connections'));
        resolve(this.tcp.address() as AddressInfo);
      });
    });
  }

  /** Takes a client on any stream. */
  accept(stream: Duplex, remoteAddress: string): void {
    if (this.#closing || this.#connections.size >= this.#context.limits.connectionsMax) {
      this.counters.connectionsRefused += 1;
      stream.on('error', () => undefined);
      stream.destroy();
      return;
    }
    const connection = new MqttConnection(stream, remoteAddress, this.#surroundings);
    this.#connections.add(connection);
    stream.once('close', () => this.#connections.delete(connection));
  }

  /** Sends to the clients whose subscriptions match; says to how many. Nothing is kept for those who aren't here. */
  deliver(topic: string, payload: Uint8Array | string, { to, ...options }: DeliveryOptions): number {
    if (!isTopicName(topic)) throw new RangeError(`${topic} is no topic`);
    return this.#surroundings.index.deliver({ topic, payload, ...options }, to);
  }

  /** Clients that have been let in. */
  get connectionCount(): number {
    let count = 0;
    for (const connection of this.#connections) if (connection.isOpen) count += 1;
    return count;
  }

  /** Accepts and reads nothing more, answers what was read, says goodbye; within the time limit. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    const { shutdownTimeoutMs, lingerTimeoutMs } = this.#context.limits;
    const closed = new Promise<void>((resolve) => {
      this.tcp.close(() => resolve());
    });
    const deadline = after(shutdownTimeoutMs - lingerTimeoutMs);
    await Promise.all([...this.#connections].map((connection) => connection.shutDown(deadline)));
    await Promise.race([this.#surroundings.farewells.close(), deadline]);
    await Promise.race([closed, after(lingerTimeoutMs)]);
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}
