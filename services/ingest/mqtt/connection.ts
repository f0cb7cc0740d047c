import type { Duplex } from 'node:stream';
import { generate, type IConnectPacket, type IDisconnectPacket, type Packet, type Parser, parser } from 'mqtt-packet';
import type { MqttPrincipal, MqttRejectionCode } from './application.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Farewells } from './farewells.ts';
import { FrameReader, FrameRefused } from './frame-reader.ts';
import { acceptance, admit, type ConnectRefusal, notNow, protocolLevelOf, refusalPacket } from './handshake.ts';
import { Keepalive } from './keepalive.ts';
import { type Ending, type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import { Outbound } from './outbound.ts';
import { readPlainPublish } from './publish-frame.ts';
import { PublishInbound } from './publish-inbound.ts';
import { reasonCode } from './reason-codes.ts';
import { type SubscriberIndex, Subscriptions } from './subscriptions.ts';

/** What a connection shares with its neighbours. */
export interface Surroundings {
  context: MqttContext;
  table: ConnectionTable;
  farewells: Farewells;
  index: SubscriberIndex;
}

/** What there is once a client has been let in. */
interface Open {
  session: MqttSession;
  inbound: PublishInbound;
  outbound: Outbound;
  subscriptions: Subscriptions;
  keepalive: Keepalive;
}

const pingResponse = Buffer.from([0xd0, 0]);
/** The first byte of a TLS handshake, the commonest stranger on this port. */
const tlsHandshake = 0x16;

const unexpected = ({ cmd }: Packet): MqttViolation => {
  const text = cmd === 'connect' ? 'a second CONNECT [MQTT-3.1.0-2]' : `${cmd} is nothing that a client sends here`;
  return new MqttViolation('protocol-error', reasonCode.protocolError, text);
};

const packetIdOf = ({ cmd, messageId }: Packet): number => {
  if (messageId !== undefined && messageId > 0) return messageId;
  throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, `${cmd} without a packet identifier`);
};

/** One client, on any stream: TCP, TLS or WebSocket. Reads packets, hands each to its part, and ends exactly once. */
export class MqttConnection implements Link {
  /** Resolves when the connection has ended and the application knows of it. */
  readonly gone: Promise<void>;
  #resolveGone: () => void = () => undefined;

  readonly #stream: Duplex;
  readonly #remoteAddress: string;
  readonly #surroundings: Surroundings;
  readonly #context: MqttContext;
  readonly #frames: FrameReader;
  readonly #parser: Parser;
  readonly #connectTimer: NodeJS.Timeout;
  #lingerTimer: NodeJS.Timeout | undefined;
  #receivedAtMs = 0;

  #awaitsConnect = true;
  #protocolLevel = 0;
  #principal: MqttPrincipal | undefined;
  #key: string | undefined;
  /** `connected` is being told, so that `disconnected` has to follow it. */
  #entering = false;
  #open: Open | undefined;
  #ending: Ending | undefined;
  #paused = false;
  #shuttingDown = false;

  constructor(stream: Duplex, remoteAddress: string, surroundings: Surroundings) {
    this.#stream = stream;
    this.#remoteAddress = remoteAddress;
    this.#surroundings = surroundings;
    this.#context = surroundings.context;
    const { limits } = surroundings.context;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#frames = new FrameReader(limits.connectPacketBytesMax);
    this.#parser = parser();
    this.#parser.on('packet', (packet) => this.#dispatch(packet));
    this.#parser.on('error', (error: Error) => {
      throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, error.message);
    });
    this.#connectTimer = setTimeout(() => this.#endUnconnected(), limits.connectTimeoutMs);
    this.#connectTimer.unref();
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    // What broke the stream is followed by `close`, where the connection ends.
    stream.on('error', () => undefined);
    stream.on('close', () => {
      clearTimeout(this.#lingerTimer);
      this.end({ reason: 'connection-lost', text: 'the connection was lost' });
    });
  }

  get isOpen(): boolean {
    return this.#open !== undefined && this.#ending === undefined;
  }

  send(bytes: Uint8Array): void {
    if (this.#ending !== undefined) return;
    this.#stream.write(bytes);
    if (this.#stream.writableLength <= this.#context.limits.outboundBufferBytesMax) return;
    const text = `${this.#stream.writableLength} bytes wait for this client, which does not read`;
    this.end({ reason: 'connection-lost', text, rejection: { code: 'slow-subscriber' } });
  }

  answered(): void {
    if (!this.#paused || this.#held()) return;
    this.#paused = false;
    this.#open?.keepalive.start();
    this.#stream.resume();
    this.#process();
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    clearTimeout(this.#connectTimer);
    this.#stopParts();
    this.#sayDisconnect(ending);
    this.#closeStream();
    this.#reject(ending);
    if (this.#open !== undefined) void this.#farewell(this.#open.session, ending);
    else if (!this.#entering) this.#resolveGone();
  }

  /** Reads no more, waits until what was read is answered or `deadline` is over, then says goodbye. */
  async shutDown(deadline: Promise<void>): Promise<void> {
    this.#shuttingDown = true;
    this.#pause();
    await Promise.race([this.#open?.inbound.drained(), deadline]);
    this.end({ reason: 'hub-failed', reasonCode: reasonCode.serverShuttingDown, text: 'the hub is being stopped' });
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #read(chunk: Buffer): void {
    this.#context.counters.bytesReceived += chunk.length;
    // A connection that has ended is read on for a moment and not listened to.
    if (this.#ending !== undefined) return;
    this.#open?.keepalive.heard();
    this.#frames.push(chunk);
    this.#process();
  }

  /** Nothing more is taken for now: the handshake or the log comes first. */
  #held(): boolean {
    if (this.#ending !== undefined || this.#shuttingDown) return true;
    return this.#open === undefined ? !this.#awaitsConnect : this.#open.inbound.congested;
  }

  #process(): void {
    this.#receivedAtMs = this.#context.clock.now();
    // What the packets of one chunk are answered leaves in one write.
    this.#stream.cork();
    try {
      while (!this.#held()) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        this.#handle(frame);
      }
    } catch (error) {
      this.#endOn(error);
    }
    this.#stream.uncork();
    if (this.#ending === undefined && this.#held()) this.#pause();
  }

  #pause(): void {
    this.#paused = true;
    this.#open?.keepalive.stop();
    this.#stream.pause();
  }

  #handle(frame: Buffer): void {
    if (this.#open === undefined) {
      this.#handleFirst(frame);
      return;
    }
    const publish = readPlainPublish(frame, this.#open.session.info.protocolVersion);
    if (publish !== undefined) this.#open.inbound.publish(publish, this.#receivedAtMs);
    else this.#parser.parse(frame);
  }

  #handleFirst(frame: Buffer): void {
    this.#awaitsConnect = false;
    const level = protocolLevelOf(frame);
    if (level === undefined) {
      const text = frame[0] === tlsHandshake ? 'TLS on a port without TLS' : 'the first packet is no MQTT CONNECT';
      throw new MqttViolation('not-mqtt', reasonCode.protocolError, `${text} [MQTT-3.1.0-1]`);
    }
    this.#protocolLevel = level;
    if (level < 3 || level > 5) {
      const text = `protocol level ${level} is not spoken here, but 3, 4 and 5 are`;
      const refused = { returnCode: 1, reasonCode: reasonCode.unsupportedProtocolVersion, text };
      this.#refuse(refused, level, 'unsupported-version');
      return;
    }
    try {
      this.#parser.parse(frame);
    } catch (error) {
      if (!(error instanceof MqttViolation)) throw error;
      const refused = { returnCode: 1, reasonCode: error.reasonCode, text: error.message, malformed: true };
      this.#refuse(refused, level, error.code);
    }
  }

  #dispatch(packet: Packet): void {
    if (this.#open === undefined) {
      if (packet.cmd === 'connect') void this.#shake(packet);
      return;
    }
    const { inbound, outbound, subscriptions } = this.#open;
    switch (packet.cmd) {
      case 'publish':
        inbound.publish(packet, this.#receivedAtMs);
        break;
      case 'pubrel':
        inbound.release(packetIdOf(packet));
        break;
      case 'puback':
        outbound.acknowledged(packetIdOf(packet));
        break;
      case 'subscribe':
        subscriptions.subscribe(packet);
        break;
      case 'unsubscribe':
        subscriptions.unsubscribe(packet);
        break;
      case 'pingreq':
        this.send(pingResponse);
        break;
      case 'disconnect':
        this.#goodbye(packet);
        break;
      default:
        throw unexpected(packet);
    }
  }

  async #shake(packet: IConnectPacket): Promise<void> {
    const protocolVersion = packet.protocolVersion ?? 4;
    try {
      const admitted = await admit(packet, this.#remoteAddress, this.#context);
      if (this.#ending !== undefined) return;
      if ('returnCode' in admitted) this.#refuse(admitted, protocolVersion, 'connect-refused');
      else await this.#enter(packet, admitted);
    } catch (error) {
      this.#context.failed(error, 'letting a client in');
      this.#refuse(notNow, protocolVersion);
      this.#resolveGone();
    }
  }

  async #enter(packet: IConnectPacket, session: MqttSession): Promise<void> {
    const { application, limits } = this.#context;
    const { info, principal, keepaliveSeconds } = session;
    this.#entering = true;
    this.#principal = principal;
    this.#key = `${principal.kind} ${principal.id} ${info.clientId}`;
    await this.#surroundings.table.enter(this.#key, this);
    if (this.#ending !== undefined) {
      this.#resolveGone();
      return;
    }
    await application.connected(principal, { ...info, keepaliveSeconds });
    if (this.#ending !== undefined) return this.#farewell(session, this.#ending);
    clearTimeout(this.#connectTimer);
    this.#frames.frameBytesMax = limits.packetBytesMax;
    const outbound = new Outbound(this.#context, session, this);
    const routes = { outbound, index: this.#surroundings.index };
    this.#open = {
      session,
      outbound,
      inbound: new PublishInbound(this.#context, session, this),
      subscriptions: new Subscriptions(this.#context, session, this, routes),
      keepalive: new Keepalive(keepaliveSeconds, () => this.#endSilent(session)),
    };
    this.#context.counters.connectionsAccepted += 1;
    this.send(acceptance(packet, session, limits));
    this.answered();
  }

  #refuse(refused: ConnectRefusal, protocolVersion: number, code?: MqttRejectionCode): void {
    const connack = refusalPacket(refused, protocolVersion);
    if (connack !== undefined) this.send(connack);
    this.#context.counters.connectionsRefused += 1;
    const rejection = code === undefined ? undefined : { code };
    this.end({ reason: 'hub-failed', text: refused.text, rejection });
  }

  /** DISCONNECT: in 3.1.1 and with reason 0 the will is discarded [MQTT-3.14.4-3], any other reason keeps it. */
  #goodbye(packet: IDisconnectPacket): void {
    const keepsWill = (packet.reasonCode ?? 0) !== reasonCode.success && this.#open?.session.will !== undefined;
    this.end({ reason: keepsWill ? 'will' : 'goodbye', text: 'the client said goodbye' });
  }

  #endOn(error: unknown): void {
    if (error instanceof FrameRefused) {
      const code = error.code === 'packet-too-large' ? reasonCode.packetTooLarge : reasonCode.malformedPacket;
      const rejection = { code: error.code, topic: error.topic, sizeBytes: error.sizeBytes };
      this.end({ reason: 'connection-lost', reasonCode: code, text: error.message, rejection });
    } else if (error instanceof MqttViolation) {
      const rejection = { code: error.code, topic: error.topic };
      this.end({ reason: 'connection-lost', reasonCode: error.reasonCode, text: error.message, rejection });
    } else {
      this.#context.failed(error, 'reading a packet');
      this.end({ reason: 'hub-failed', reasonCode: reasonCode.unspecified, text: 'a defect of the hub' });
    }
  }

  #endUnconnected(): void {
    if (!this.#awaitsConnect) {
      // The client has said its part: it is the registry or the log that is slow.
      this.#refuse(notNow, this.#protocolLevel);
      return;
    }
    const text = `not connected within ${this.#context.limits.connectTimeoutMs} ms`;
    this.end({ reason: 'connection-lost', text, rejection: { code: 'connect-timeout' } });
  }

  #endSilent(session: MqttSession): void {
    const text = `nothing was heard for one and a half times the keepalive of ${session.keepaliveSeconds} s`;
    this.end({ reason: 'keepalive', reasonCode: reasonCode.keepAliveTimeout, text });
  }

  #stopParts(): void {
    if (this.#key !== undefined) this.#surroundings.table.leave(this.#key, this);
    if (this.#open === undefined) return;
    this.#open.keepalive.stop();
    this.#open.inbound.stop();
    this.#open.subscriptions.stop();
    this.#open.outbound.stop();
  }

  #sayDisconnect({ reasonCode: code, text }: Ending): void {
    const session = this.#open?.session;
    if (session === undefined || session.info.protocolVersion !== 5 || code === undefined) return;
    const packet = { cmd: 'disconnect', reasonCode: code, properties: { reasonString: text } } as const;
    const bytes = generate(packet, { protocolVersion: 5 });
    const bare = Buffer.from([0xe0, 1, code]);
    this.#stream.write(bytes.length > session.clientPacketBytesMax ? bare : bytes);
  }

  /** Reads on for a moment: closing over unread bytes resets the connection, and the client never sees why. */
  #closeStream(): void {
    this.#stream.end();
    if (this.#stream.destroyed) return;
    this.#stream.resume();
    this.#lingerTimer = setTimeout(() => this.#stream.destroy(), this.#context.limits.lingerTimeoutMs);
    this.#lingerTimer.unref();
  }

  #reject({ rejection, text }: Ending): void {
    if (rejection === undefined) return;
    this.#context.counters.packetsRejected += 1;
    const { code, ...detail } = rejection;
    this.#context.application
      .rejected(this.#principal, code, { ...detail, remoteAddress: this.#remoteAddress, reason: text })
      .catch((error: unknown) => this.#context.failed(error, 'recording a rejection'));
  }

  async #farewell(session: MqttSession, { reason }: Ending): Promise<void> {
    // An outage of the hub is a recorded gap, not a fault of the device.
    if (!this.#shuttingDown) await this.#surroundings.farewells.gone(this.#key!, session, reason);
    this.#resolveGone();
  }
}
