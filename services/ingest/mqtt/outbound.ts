import { generate, type IPublishPacket } from 'mqtt-packet';
import type { Link, MqttContext, MqttSession } from './link.ts';
import { reasonCode } from './reason-codes.ts';

/** What the hub says to a client. */
export interface MqttDelivery {
  topic: string;
  payload: Uint8Array | string;
  qos: 0 | 1;
  contentType?: string;
  userProperties?: Record<string, string>;
}

/**
 * What one client is sent: QoS 1 with a bounded number in flight and a bounded queue behind them, both in memory. A
 * client that doesn't take what it subscribed to is disconnected, it would hold the hub's memory for nothing.
 */
export class Outbound {
  readonly #context: MqttContext;
  readonly #session: MqttSession;
  readonly #link: Link;
  readonly #inFlightMax: number;
  readonly #inFlight = new Set<number>();
  #queue: MqttDelivery[] = [];
  #lastPacketId = 0;

  constructor(context: MqttContext, session: MqttSession, link: Link) {
    this.#context = context;
    this.#session = session;
    this.#link = link;
    this.#inFlightMax = Math.min(session.clientReceiveMaximum, context.limits.outboundInflightMax);
  }

  deliver(delivery: MqttDelivery): void {
    if (delivery.qos === 1 && this.#inFlight.size >= this.#inFlightMax) {
      if (this.#queue.length >= this.#context.limits.outboundQueueMax) this.#endSlow();
      else this.#queue.push(delivery);
      return;
    }
    this.#send(delivery);
  }

  /** PUBACK. One that nobody waits for is ignored: after a reconnect that is no fault. */
  acknowledged(packetId: number): void {
    if (!this.#inFlight.delete(packetId)) return;
    while (this.#queue.length > 0 && this.#inFlight.size < this.#inFlightMax) this.#send(this.#queue.shift()!);
  }

  stop(): void {
    this.#context.counters.messagesUndelivered += this.#queue.length + this.#inFlight.size;
    this.#queue = [];
    this.#inFlight.clear();
  }

  #send(delivery: MqttDelivery): void {
    const { protocolVersion } = this.#session.info;
    const { topic, qos, payload, contentType, userProperties } = delivery;
    const packet: IPublishPacket = {
      cmd: 'publish',
      topic,
      qos,
      payload: typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length),
      dup: false,
      retain: false,
    };
    if (protocolVersion === 5 && (contentType !== undefined || userProperties !== undefined)) {
      packet.properties = {
        ...(contentType === undefined ? {} : { contentType }),
        ...(userProperties === undefined ? {} : { userProperties }),
      };
    }
    if (qos === 1) packet.messageId = this.#nextPacketId();
    const bytes = generate(packet, { protocolVersion });
    if (bytes.length > this.#session.clientPacketBytesMax) {
      // Too large for this client: discarded, as if it had been sent [MQTT-3.1.2-25].
      this.#context.counters.messagesUndelivered += 1;
      return;
    }
    if (packet.messageId !== undefined) this.#inFlight.add(packet.messageId);
    this.#context.counters.messagesDelivered += 1;
    this.#link.send(bytes);
  }

  /** The in-flight limit is far below 65,535, so there is always a free one. */
  #nextPacketId(): number {
    do {
      this.#lastPacketId = this.#lastPacketId === 65_535 ? 1 : this.#lastPacketId + 1;
    } while (this.#inFlight.has(this.#lastPacketId));
    return this.#lastPacketId;
  }

  #endSlow(): void {
    const text = `${this.#queue.length} messages wait for this subscriber, no more are kept`;
    this.#link.end({
      reason: 'connection-lost',
      reasonCode: reasonCode.quotaExceeded,
      text,
      rejection: { code: 'slow-subscriber' },
    });
  }
}
