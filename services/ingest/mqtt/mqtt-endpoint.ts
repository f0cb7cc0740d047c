import type { AddressInfo, Server as TcpServer } from 'node:net';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { DismissReason, MqttPrincipal } from './application.ts';
import type { MqttCounters } from './counters.ts';
import { type DeliveryOptions, MqttServer, type MqttServerOptions } from './mqtt-server.ts';
import type { TlsMaterial } from './tls-material.ts';

export interface MqttEndpointOptions extends MqttServerOptions {
  /** 0 lets the system choose. */
  port: number;
  host: string;
  /** Left out, there is no TLS. */
  tls?: { port: number; material: TlsMaterial } | undefined;
  /** Left out, there is no WebSocket. */
  webSocketPort?: number | undefined;
}

type EndpointEvents = { listening: () => void; error: (error: Error) => void; close: () => void };

/**
 * The MQTT server as a transport of Nest, which starts and stops it. Messages don't pass through Nest's handlers: those
 * can't hold an acknowledgement, and rxjs costs more than the rest of the way.
 */
export class MqttEndpoint extends Server<EndpointEvents, 'listening' | 'closed'> implements CustomTransportStrategy {
  override readonly transportId = Symbol('mqtt');
  readonly #server: MqttServer;
  readonly #ports: Pick<MqttEndpointOptions, 'port' | 'host' | 'tls' | 'webSocketPort'>;
  #address: AddressInfo | undefined;
  #tlsAddress: AddressInfo | undefined;
  #webSocketAddress: AddressInfo | undefined;

  constructor({ port, host, tls, webSocketPort, ...options }: MqttEndpointOptions) {
    super();
    this.#server = new MqttServer(options);
    this.#ports = { port, host, tls, webSocketPort };
  }

  /** Calls back without an argument once listening, or with the error, a `StartRefused` where a setting is the remedy. */
  override listen(callback: (error?: unknown) => void): void {
    this.#listen().then(() => {
      this._status$.next('listening');
      callback();
    }, callback);
  }

  override async close(): Promise<void> {
    await this.#server.close();
    this._status$.next('closed');
  }

  override on<Name extends keyof EndpointEvents>(event: Name, callback: EndpointEvents[Name]): void {
    this.tcp.on(event, callback);
  }

  /** The `net.Server`. */
  override unwrap<T = TcpServer>(): T {
    return this.tcp as T;
  }

  /** Where it listens; `undefined` before. */
  address(): AddressInfo | undefined {
    return this.#address;
  }

  tlsAddress(): AddressInfo | undefined {
    return this.#tlsAddress;
  }

  webSocketAddress(): AddressInfo | undefined {
    return this.#webSocketAddress;
  }

  /** See `MqttServer.dismiss`. */
  dismiss(principal: Pick<MqttPrincipal, 'kind' | 'id'>, why: DismissReason, text: string): void {
    this.#server.dismiss(principal, why, text);
  }

  /** See `MqttServer.deliver`. */
  deliver(topic: string, payload: Uint8Array | string, options: DeliveryOptions): number {
    return this.#server.deliver(topic, payload, options);
  }

  get connectionCount(): number {
    return this.#server.connectionCount;
  }

  get counters(): Readonly<MqttCounters> {
    return this.#server.counters;
  }

  async #listen(): Promise<void> {
    const { port, host, tls, webSocketPort } = this.#ports;
    this.#address = await this.#server.listen(port, host);
    if (tls !== undefined) this.#tlsAddress = await this.#server.listenTls(tls.material, tls.port, host);
    if (webSocketPort !== undefined) this.#webSocketAddress = await this.#server.listenWebSocket(webSocketPort, host);
  }

  private get tcp(): TcpServer {
    return this.#server.tcp;
  }
}
