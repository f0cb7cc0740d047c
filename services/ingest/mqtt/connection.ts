import type { Duplex } from 'node:stream';
import { generate, type IConnectPacket } from 'mqtt-packet';
import type { MqttPrincipal, MqttRejectionCode } from './application.ts';
import { type ConnectionTable, clientKey } from './connection-table.ts';
import { Conversation } from './conversation.ts';
import type { Farewells } from './farewells.ts';
import { FrameReader, FrameRefused } from './frame-reader.ts';
import { admit, type ConnectRefusal, notNow, refusalPacket, tooManyConnections, versionOf } from './handshake.ts';
import { type Ending, type Link, type MqttContext, type MqttSession, MqttViolation, type Peer } from './link.ts';
import { parseConnect } from './packet-parser.ts';
import { reasonCode } from './reason-codes.ts';
import type { SessionStore } from './session-store.ts';

/** What a connection shares with its neighbours. */
export interface Surroundings {
  context: MqttContext;
  table: ConnectionTable;
  farewells: Farewells;
  sessions: SessionStore;
}

/** One client, on any stream: TCP, TLS or WebSocket. Reads packets, hands each to its part, and ends exactly once. */
export class MqttConnection implements Link {
  /** Resolves when the connection has ended and the application knows of it. */
  readonly gone: Promise<void>;
  #resolveGone: () => void = () => undefined;

  readonly #stream: Duplex;
  readonly #peer: Peer;
  readonly #surroundings: Surroundings;
  readonly #context: MqttContext;
  readonly #frames: FrameReader;
  #unconnectedMs = 0;
  #lingerTimer: NodeJS.Timeout | undefined;
  #receivedAtMs = 0;

  #awaitsConnect = true;
  #protocolLevel = 0;
  #principal: MqttPrincipal | undefined;
  #key: string | undefined;
  /** `connected` is being told, so that `disconnected` has to follow it. */
  #entering = false;
  #open: Conversation | undefined;
  #ending: Ending | undefined;
  #paused = false;
  #shuttingDown = false;

  constructor(stream: Duplex, peer: Peer, surroundings: Surroundings) {
    this.#stream = stream;
    this.#peer = peer;
    this.#surroundings = surroundings;
    this.#context = surroundings.context;
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.#frames = new FrameReader(surroundings.context.limits.connectPacketBytesMax);
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

  get bufferedBytes(): number {
    return this.#stream.writableLength;
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

  /** Time has passed, by the timer that all connections share. */
  tick(elapsedMs: number): void {
    if (this.#ending !== undefined) return;
    if (this.#open !== undefined) {
      this.#open.tick(elapsedMs);
      return;
    }
    this.#unconnectedMs += elapsedMs;
    const { connectTimeoutMs, letInTimeoutMs } = this.#context.limits;
    if (this.#unconnectedMs > (this.#awaitsConnect ? connectTimeoutMs : letInTimeoutMs)) this.#endUnconnected();
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#open?.stop();
    this.#leave();
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
    if (this.#open === undefined) return !this.#awaitsConnect;
    if (this.#open.inbound.congested) return true;
    return this.#frames.beginsPublish && !this.#context.underWay.hasRoomFor(this);
  }

  #process(): void {
    this.#receivedAtMs = this.#context.clock.now();
    // What the packets of one chunk are answered leaves in one write.
    this.#stream.cork();
    try {
      while (!this.#held()) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        if (this.#open === undefined) this.#handleFirst(frame);
        else this.#open.handle(frame, this.#receivedAtMs);
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

  #handleFirst(frame: Buffer): void {
    this.#awaitsConnect = false;
    const { level, refused } = versionOf(frame);
    this.#protocolLevel = level;
    if (refused !== undefined) {
      this.#refuse(refused, level, 'unsupported-version');
      return;
    }
    try {
      const packet = parseConnect(frame);
      if (packet.cmd === 'connect') void this.#shake(packet);
    } catch (error) {
      if (!(error instanceof MqttViolation)) throw error;
      const malformed = { returnCode: 1, reasonCode: error.reasonCode, text: error.message, malformed: true };
      this.#refuse(malformed, level, error.code);
    }
  }

  async #shake(packet: IConnectPacket): Promise<void> {
    const protocolVersion = packet.protocolVersion ?? 4;
    try {
      const admitted = await admit(packet, this.#peer, this.#context);
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
    const { context, table, sessions } = this.#surroundings;
    const { info, principal, keepaliveSeconds } = session;
    const key = clientKey(principal, info.clientId);
    if (table.countBeside(principal, key) >= context.limits.connectionsPerPrincipalMax) {
      this.#refuse(tooManyConnections, info.protocolVersion, 'connect-refused');
      return;
    }
    this.#entering = true;
    this.#principal = principal;
    this.#key = key;
    await table.enter(principal, key, this);
    if (this.#ending !== undefined) {
      this.#resolveGone();
      return;
    }
    await context.application.connected(principal, { ...info, keepaliveSeconds });
    if (this.#ending !== undefined) return this.#farewell(session, this.#ending);
    this.#frames.frameBytesMax = context.limits.packetBytesMax;
    const { state, present } = sessions.take(key, principal, session.clean);
    this.#open = new Conversation(context, session, state, this);
    context.counters.connectionsAccepted += 1;
    this.#open.begin(packet, present);
    this.answered();
  }

  #refuse(refused: ConnectRefusal, protocolVersion: number, code?: MqttRejectionCode): void {
    const connack = refusalPacket(refused, protocolVersion);
    if (connack !== undefined) this.send(connack);
    this.#context.counters.connectionsRefused += 1;
    const rejection = code === undefined ? undefined : { code };
    this.end({ reason: 'hub-failed', text: refused.text, rejection });
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

  /** Gives up its place, and leaves the session to the next connection of the same client. */
  #leave(): void {
    if (this.#key === undefined) return;
    this.#surroundings.table.leave(this.#principal!, this.#key, this);
    if (this.#open === undefined) return;
    const { state, session } = this.#open;
    this.#surroundings.sessions.keep(this.#key, state, this.#shuttingDown ? 0 : session.expirySeconds);
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
    // To end a stream that has gone makes an error of each, with its stack.
    if (this.#stream.destroyed) return;
    this.#stream.end();
    this.#stream.resume();
    this.#lingerTimer = setTimeout(() => this.#stream.destroy(), this.#context.limits.lingerTimeoutMs);
    this.#lingerTimer.unref();
  }

  #reject({ rejection, text }: Ending): void {
    if (rejection === undefined) return;
    this.#context.counters.packetsRejected += 1;
    const { code, ...detail } = rejection;
    this.#context.application
      .rejected(this.#principal, code, { ...detail, remoteAddress: this.#peer.remoteAddress, reason: text })
      .catch((error: unknown) => this.#context.failed(error, 'recording a rejection'));
  }

  async #farewell(session: MqttSession, { reason }: Ending): Promise<void> {
    // An outage of the hub is a recorded gap, not a fault of the device.
    if (!this.#shuttingDown) await this.#surroundings.farewells.gone(this.#key!, session, reason);
    this.#resolveGone();
  }
}
