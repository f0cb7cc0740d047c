import type { AddressInfo, Server as TcpServer } from 'node:net';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { MqttCounters } from './counters.ts';
import { type DeliveryOptions, MqttServer, type MqttServerOptions } from './mqtt-server.ts';

export interface MqttEndpointOptions extends MqttServerOptions {
  /** 0 lets the system choose. */
  port: number;
  host: string;
}

type EndpointEvents = { listening: () => void; error: (error: Error) => void; close: () => void };

/**
 * The MQTT server as a transport of Nest, which starts and stops it. Messages don't pass through Nest's handlers: those
 * can't hold an acknowledgement, and rxjs costs more than the rest of the way.
 */
export class MqttEndpoint extends Server<EndpointEvents, 'listening' | 'closed'> implements CustomTransportStrategy {
  override readonly transportId = Symbol('mqtt');
  readonly #server: MqttServer;
  readonly #port: number;
  readonly #host: string;
  #address: AddressInfo | undefined;

  constructor({ port, host, ...options }: MqttEndpointOptions) {
    super();
    this.#server = new MqttServer(options);
    this.#port = port;
    this.#host = host;
  }

  /** Calls back without an argument once listening, or with the error, a `StartRefused` where a setting is the remedy. */
  override listen(callback: (error?: unknown) => void): void {
    this.#server.listen(this.#port, this.#host).then((address) => {
      this.#address = address;
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

  private get tcp(): TcpServer {
    return this.#server.tcp;
  }
}
