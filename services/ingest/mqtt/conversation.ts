import type { IConnectPacket, IDisconnectPacket, Packet } from 'mqtt-packet';
import { acceptance } from './handshake.ts';
import { Keepalive } from './keepalive.ts';
import { type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import { parsePacket } from './packet-parser.ts';
import { readPlainPublish } from './publish-frame.ts';
import { PublishInbound } from './publish-inbound.ts';
import { reasonCode } from './reason-codes.ts';
import type { SessionState } from './session-state.ts';

const pingResponse = Buffer.from([0xd0, 0]);

const unexpected = ({ cmd }: Packet): MqttViolation => {
  const text = cmd === 'connect' ? 'a second CONNECT [MQTT-3.1.0-2]' : `${cmd} is nothing that a client sends here`;
  return new MqttViolation('protocol-error', reasonCode.protocolError, text);
};

const packetIdOf = ({ cmd, messageId }: Packet): number => {
  if (messageId !== undefined && messageId > 0) return messageId;
  throw new MqttViolation('malformed-packet', reasonCode.malformedPacket, `${cmd} without a packet identifier`);
};

/** What there is between a client that has been let in and the hub, until the connection ends. */
export class Conversation {
  readonly session: MqttSession;
  readonly state: SessionState;
  readonly inbound: PublishInbound;
  readonly keepalive: Keepalive;
  readonly #context: MqttContext;
  readonly #link: Link;

  constructor(context: MqttContext, session: MqttSession, state: SessionState, link: Link) {
    this.#context = context;
    this.session = session;
    this.state = state;
    this.#link = link;
    this.inbound = new PublishInbound(context, session, link, state.received);
    this.keepalive = new Keepalive(session.keepaliveSeconds);
  }

  /** The CONNACK first [MQTT-3.2.0-1], then what waits for the client. */
  begin(packet: IConnectPacket, sessionPresent: boolean): void {
    this.#link.send(acceptance(packet, this.session, sessionPresent, this.#context.limits));
    this.state.outbound.attach(this.session, this.#link);
  }

  /** Reads one whole packet. Throws `MqttViolation`. */
  handle(frame: Buffer, receivedAtMs: number): void {
    const { protocolVersion } = this.session.info;
    const publish = readPlainPublish(frame, protocolVersion);
    if (publish !== undefined) this.inbound.publish(publish, receivedAtMs);
    else this.#dispatch(parsePacket(frame, protocolVersion), receivedAtMs);
  }

  tick(elapsedMs: number): void {
    if (this.inbound.isThrottled) this.inbound.goOn(this.#context.clock.now());
    this.state.outbound.pump();
    if (!this.keepalive.tick(elapsedMs)) return;
    const text = `nothing was heard for one and a half times the keepalive of ${this.session.keepaliveSeconds} s`;
    this.#link.end({ reason: 'keepalive', reasonCode: reasonCode.keepAliveTimeout, text });
  }

  stop(): void {
    this.keepalive.stop();
    this.inbound.stop();
  }

  #dispatch(packet: Packet, receivedAtMs: number): void {
    const { outbound, subscriptions } = this.state;
    switch (packet.cmd) {
      case 'publish':
        this.inbound.publish(packet, receivedAtMs);
        break;
      case 'pubrel':
        this.inbound.release(packetIdOf(packet));
        break;
      case 'puback':
        outbound.acknowledged(packetIdOf(packet));
        break;
      case 'subscribe':
        subscriptions.subscribe(packet, this.session, this.#link);
        break;
      case 'unsubscribe':
        subscriptions.unsubscribe(packet, this.session, this.#link);
        break;
      case 'pingreq':
        this.#link.send(pingResponse);
        break;
      case 'disconnect':
        this.#goodbye(packet);
        break;
      default:
        throw unexpected(packet);
    }
  }

  /** DISCONNECT: in 3.1.1 and with reason 0 the will is discarded [MQTT-3.14.4-3], any other reason keeps it. */
  #goodbye(packet: IDisconnectPacket): void {
    const expiry: unknown = packet.properties?.sessionExpiryInterval;
    if (typeof expiry === 'number' && expiry >= 0) {
      if (this.session.expirySeconds === 0 && expiry > 0) {
        const text = 'a session that was to end with its connection is not kept by a DISCONNECT [MQTT-3.14.2-2]';
        throw new MqttViolation('protocol-error', reasonCode.protocolError, text);
      }
      this.session.expirySeconds = Math.min(expiry, this.#context.limits.sessionExpirySecondsMax);
    }
    const keepsWill = (packet.reasonCode ?? 0) !== reasonCode.success && this.session.will !== undefined;
    this.#link.end({ reason: keepsWill ? 'will' : 'goodbye', text: 'the client said goodbye' });
  }
}
