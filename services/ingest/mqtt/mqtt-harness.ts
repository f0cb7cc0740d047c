import { connect, type Socket } from 'node:net';
import { generate, type IConnectPacket, type Packet, type Parser, parser } from 'mqtt-packet';
import { topicMatches } from '../../../devices/topic-filter.ts';
import { systemClock } from '../../runtime/clock.ts';
import { tell, type Waiting } from '../../runtime/waiting.ts';
import type {
  MqttApplication,
  MqttConnectionInfo,
  MqttDisconnectReason,
  MqttOutcome,
  MqttPrincipal,
  MqttPublish,
  MqttQuota,
  MqttRejection,
  MqttRejectionCode,
  MqttRetained,
  MqttTurnedAway,
} from './application.ts';
import type { MqttLimits } from './limits.ts';
import { MqttServer } from './mqtt-server.ts';

/** For the tests of this folder: an application that is scripted, a server with it, and a client that sends bytes. */

export interface PendingPublish {
  principal: MqttPrincipal;
  message: MqttPublish;
  text: string;
  resolve(outcome: MqttOutcome): void;
  reject(error: Error): void;
}

/** Polls, since what is awaited happens on the other side of a socket. */
export const until = async (condition: () => boolean, what = 'the condition'): Promise<void> => {
  for (let tries = 0; tries < 500; tries += 1) {
    if (condition()) return;
    await pause(10);
  }
  throw new Error(`waited five seconds for ${what}`);
};

export const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

/** Lets in everybody whose password is `right`, and answers messages at once unless `holds` is set. */
export class ScriptedApplication implements MqttApplication {
  holds = false;
  /** What an unheld message is answered. */
  outcome: (message: MqttPublish) => MqttOutcome = () => ({ outcome: 'recorded', position: '7' });
  allowed: (filter: string) => boolean = () => true;
  keeps: MqttRetained[] = [];
  quota: (principal: MqttPrincipal) => MqttQuota | undefined = () => undefined;
  readonly published: PendingPublish[] = [];
  /** `connected <client>`, `publish <topic>`, `disconnected <client> <reason>`, in order. */
  readonly told: string[] = [];
  readonly rejections: ({ code: MqttRejectionCode; principal: MqttPrincipal | undefined } & MqttRejection)[] = [];
  beforeConnected: () => Promise<void> = async () => undefined;

  async authenticate(
    username: string | undefined,
    password: Uint8Array | undefined,
    _connection?: MqttConnectionInfo,
  ): Promise<MqttPrincipal | MqttTurnedAway | undefined> {
    if (username === 'unlucky') throw new Error('no answer from the registry');
    if (username === undefined || Buffer.from(password ?? []).toString() !== 'right') return undefined;
    return { kind: 'device' as const, id: username };
  }

  publish(principal: MqttPrincipal, message: MqttPublish, waiting: Waiting<MqttOutcome>): void {
    this.told.push(`publish ${message.topic}`);
    const answered = new Promise<MqttOutcome>((resolve, reject) => {
      this.published.push({ principal, message, text: Buffer.from(message.payload).toString(), resolve, reject });
      if (!this.holds) resolve(this.outcome(message));
    });
    tell(answered, waiting);
  }

  async connected(_principal: MqttPrincipal, info: { clientId: string }): Promise<void> {
    await this.beforeConnected();
    this.told.push(`connected ${info.clientId}`);
  }

  async disconnected(
    _principal: MqttPrincipal,
    reason: MqttDisconnectReason,
    info: { clientId: string },
  ): Promise<void> {
    this.told.push(`disconnected ${info.clientId} ${reason}`);
  }

  maySubscribe(_principal: MqttPrincipal, filter: string): boolean {
    return this.allowed(filter);
  }

  retained(_principal: MqttPrincipal, filter: string): Iterable<MqttRetained> {
    return this.keeps.filter(({ topic }) => topicMatches(filter, topic));
  }

  quotaOf(principal: MqttPrincipal): MqttQuota | undefined {
    return this.quota(principal);
  }

  async rejected(
    principal: MqttPrincipal | undefined,
    code: MqttRejectionCode,
    rejection: MqttRejection,
  ): Promise<void> {
    this.rejections.push({ principal, code, ...rejection });
  }

  texts(): string[] {
    return this.published.map(({ text }) => text);
  }
}

export interface Harness {
  application: ScriptedApplication;
  server: MqttServer;
  port: number;
  /** For MQTT.js. */
  url: string;
  failures: string[];
  raw(): Promise<RawClient>;
  /** A raw client that has been let in. */
  rawConnected(options?: Partial<IConnectPacket>): Promise<RawClient>;
  close(): Promise<void>;
}

export const startHarness = async (limits: Partial<MqttLimits> = {}): Promise<Harness> => {
  const application = new ScriptedApplication();
  const failures: string[] = [];
  const server = new MqttServer({
    application,
    clock: systemClock,
    failed: (error, doing) => failures.push(`${doing}: ${error instanceof Error ? error.message : String(error)}`),
    limits: { lingerTimeoutMs: 300, shutdownTimeoutMs: 1_000, ...limits },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  const raws: RawClient[] = [];
  const raw = async (): Promise<RawClient> => {
    const client = await RawClient.open(port);
    raws.push(client);
    return client;
  };
  return {
    application,
    server,
    port,
    url: `mqtt://127.0.0.1:${port}`,
    failures,
    raw,
    rawConnected: async (options = {}) => {
      const client = await raw();
      client.connect(options);
      await client.heard('connack');
      return client;
    },
    close: async () => {
      for (const client of raws) client.socket.destroy();
      await server.close();
    },
  };
};

/** Says exactly what it is told to say, and keeps what it hears. */
export class RawClient {
  readonly heardPackets: Packet[] = [];
  closed = false;
  protocolVersion: 3 | 4 | 5 = 4;
  #reader = this.#readerFor(4);

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#reader.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** In what version packets are written and read from now on. */
  speak(protocolVersion: 3 | 4 | 5): void {
    this.protocolVersion = protocolVersion;
    this.#reader = this.#readerFor(protocolVersion);
  }

  connect(options: Partial<IConnectPacket> = {}): void {
    this.speak(options.protocolVersion ?? 4);
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.protocolVersion,
      clientId: 'raw',
      clean: true,
      keepalive: 0,
      username: 'gate-1',
      password: Buffer.from('right'),
      ...options,
    });
  }

  send(...packets: Packet[]): void {
    const { protocolVersion } = this;
    this.socket.write(Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion }))));
  }

  publish(messageId: number, qos: 0 | 1 | 2 = 1, topic = 'xy/v1/c/gate-1/events'): Packet {
    return { cmd: 'publish', topic, payload: String(messageId), qos, messageId, dup: false, retain: false };
  }

  all<Command extends Packet['cmd']>(cmd: Command): Extract<Packet, { cmd: Command }>[] {
    return this.heardPackets.filter((packet): packet is Extract<Packet, { cmd: Command }> => packet.cmd === cmd);
  }

  async heard<Command extends Packet['cmd']>(cmd: Command, count = 1): Promise<Extract<Packet, { cmd: Command }>> {
    await until(() => this.all(cmd).length >= count, `${count} ${cmd}`);
    return this.all(cmd)[count - 1]!;
  }

  /** Message ids of what was heard, in order. */
  ids(cmd: Packet['cmd']): (number | undefined)[] {
    return this.all(cmd).map(({ messageId }) => messageId);
  }

  #readerFor(protocolVersion: 3 | 4 | 5): Parser {
    const reader = parser({ protocolVersion });
    return reader.on('packet', (packet) => this.heardPackets.push(packet));
  }

  async ended(): Promise<void> {
    await until(() => this.closed, 'the connection to be closed');
  }
}
