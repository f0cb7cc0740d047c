import { generate, type IPublishPacket } from 'mqtt-packet';
import type { Link, MqttContext, MqttSession } from './link.ts';
import { reasonCode } from './reason-codes.ts';

/** What the hub says to a client. */
export interface MqttDelivery {
  topic: string;
  payload: Uint8Array | string;
  qos: 0 | 1;
  /** The topic keeps it for later subscribers; it reaches a client marked so only where the client asked for that. */
  retain?: boolean;
  contentType?: string;
  userProperties?: Record<string, string>;
  /** After that it is not worth sending any more [MQTT-3.3.2-5]. */
  expirySeconds?: number;
  /** Of the subscriptions that it matches [MQTT-3.3.4-3]. */
  subscriptionIdentifiers?: number[];
}

interface Queued {
  delivery: MqttDelivery;
  dueMs: number;
  /** Once sent it keeps its number until it is acknowledged, over all connections of the session. */
  packetId?: number;
}

/** Memory that all sessions hold for clients that aren't here. */
export interface HeldBytes {
  bytes: number;
}

const bytesOf = ({ topic, payload }: MqttDelivery): number => topic.length + payload.length + 200;

const propertiesOf = (delivery: MqttDelivery, expirySeconds: number | undefined): IPublishPacket['properties'] => {
  const { contentType, userProperties, subscriptionIdentifiers } = delivery;
  const properties: NonNullable<IPublishPacket['properties']> = {};
  if (contentType !== undefined) properties.contentType = contentType;
  if (userProperties !== undefined) properties.userProperties = userProperties;
  if (expirySeconds !== undefined) properties.messageExpiryInterval = expirySeconds;
  if (subscriptionIdentifiers !== undefined) {
    // The package's type knows one identifier, its writer takes several.
    Object.assign(properties, { subscriptionIdentifier: subscriptionIdentifiers });
  }
  return properties;
};

/**
 * What one client is sent: QoS 1 with a bounded number in flight and a bounded queue behind them, kept over the
 * connections of its session. A client that is here and doesn't take what it subscribed to is disconnected; one that
 * isn't here and misses too much loses its session, so that it learns of the gap when it is back.
 */
export class Outbound {
  readonly #context: MqttContext;
  readonly #held: HeldBytes;
  readonly #overflowed: () => void;
  #session: MqttSession | undefined;
  #link: Link | undefined;
  readonly #inFlight = new Map<number, Queued>();
  /** Sent on an earlier connection and not acknowledged. */
  #unsure: Queued[] = [];
  #queue: Queued[] = [];
  /** Retained messages of new subscriptions, by filter, read as fast as the client takes them. */
  readonly #retained = new Map<string, Iterator<MqttDelivery>>();
  #lastPacketId = 0;

  constructor(context: MqttContext, held: HeldBytes, overflowed: () => void) {
    this.#context = context;
    this.#held = held;
    this.#overflowed = overflowed;
  }

  /** The client is here: what it has not acknowledged is sent again, in the order of before [MQTT-4.4.0-1]. */
  attach(session: MqttSession, link: Link): void {
    this.#session = session;
    this.#link = link;
    this.#unsure = [...this.#inFlight.values(), ...this.#unsure];
    this.#inFlight.clear();
    this.pump();
  }

  detach(): void {
    this.#link = undefined;
    this.#retained.clear();
  }

  deliver(delivery: MqttDelivery): void {
    if (delivery.qos === 0) {
      if (this.#link === undefined) this.#context.counters.messagesUndelivered += 1;
      else this.#sendAll([{ delivery, dueMs: Number.POSITIVE_INFINITY }]);
      return;
    }
    const { outboundQueueMax, heldBytesMax } = this.#context.limits;
    const isFull = this.#queue.length >= outboundQueueMax;
    if (this.#link === undefined && (isFull || this.#held.bytes >= heldBytesMax)) {
      this.#context.counters.messagesUndelivered += 1;
      this.#overflowed();
      return;
    }
    const dueMs = this.#context.clock.now() + (delivery.expirySeconds ?? Number.POSITIVE_INFINITY) * 1_000;
    if (isFull) {
      this.#endSlow();
      return;
    }
    this.#queue.push({ delivery, dueMs });
    this.#held.bytes += bytesOf(delivery);
    this.pump();
  }

  /** What a new subscription finds; asking again begins anew. */
  deliverRetained(filter: string, messages: Iterable<MqttDelivery>): void {
    this.#retained.set(filter, messages[Symbol.iterator]());
    this.pump();
  }

  forgetRetained(filter: string): void {
    this.#retained.delete(filter);
  }

  /** PUBACK. One that nobody waits for is ignored: after a reconnect that is no fault. */
  acknowledged(packetId: number): void {
    const queued = this.#inFlight.get(packetId);
    if (queued === undefined) return;
    this.#inFlight.delete(packetId);
    this.#held.bytes -= bytesOf(queued.delivery);
    this.pump();
  }

  /** Sends what there is room for. */
  pump(): void {
    if (this.#queue.length === 0 && this.#unsure.length === 0 && this.#retained.size === 0) return;
    while (this.#link !== undefined) {
      const due: Queued[] = [];
      for (let next = this.#next(due.length); next !== undefined; next = this.#next(due.length)) due.push(next);
      if (due.length === 0) return;
      this.#sendAll(due);
    }
  }

  /** The session is over. */
  discard(): void {
    this.detach();
    const left = [...this.#inFlight.values(), ...this.#unsure, ...this.#queue];
    for (const { delivery } of left) this.#held.bytes -= bytesOf(delivery);
    this.#context.counters.messagesUndelivered += this.#queue.length;
    this.#inFlight.clear();
    this.#unsure = [];
    this.#queue = [];
  }

  #next(taken: number): Queued | undefined {
    const { outboundInflightMax } = this.#context.limits;
    const inFlightMax = Math.min(this.#session!.clientReceiveMaximum, outboundInflightMax);
    if (this.#inFlight.size + taken >= inFlightMax) return undefined;
    const unsure = this.#unsure.shift();
    if (unsure !== undefined) return unsure;
    for (let queued = this.#queue.shift(); queued !== undefined; queued = this.#queue.shift()) {
      if (queued.dueMs > this.#context.clock.now()) return queued;
      this.#held.bytes -= bytesOf(queued.delivery);
      this.#context.counters.messagesUndelivered += 1;
    }
    if (this.#link!.bufferedBytes >= this.#context.limits.outboundBufferBytesMax / 4) return undefined;
    for (const [filter, messages] of this.#retained) {
      const { value, done } = messages.next();
      if (done !== true) {
        if (value.qos === 1) this.#held.bytes += bytesOf(value);
        return { delivery: value, dueMs: Number.POSITIVE_INFINITY };
      }
      this.#retained.delete(filter);
    }
    return undefined;
  }

  #sendAll(messages: Queued[]): void {
    const packets: Buffer[] = [];
    for (const queued of messages) {
      const bytes = this.#encode(queued);
      if (bytes.length > this.#session!.clientPacketBytesMax) {
        // Too large for this client: discarded, as if it had been sent [MQTT-3.1.2-25].
        this.#context.counters.messagesUndelivered += 1;
        if (queued.delivery.qos === 1) this.#held.bytes -= bytesOf(queued.delivery);
        continue;
      }
      if (queued.packetId !== undefined) this.#inFlight.set(queued.packetId, queued);
      this.#context.counters.messagesDelivered += 1;
      packets.push(bytes);
    }
    if (packets.length > 0) this.#link?.send(packets.length === 1 ? packets[0]! : Buffer.concat(packets));
  }

  #encode(queued: Queued): Buffer {
    const { protocolVersion } = this.#session!.info;
    const { delivery, dueMs } = queued;
    const { topic, qos, payload, retain } = delivery;
    // Sent before under this number: a duplicate for all we know [MQTT-3.3.1-1].
    const dup = queued.packetId !== undefined;
    if (qos === 1) queued.packetId ??= this.#nextPacketId();
    const packet: IPublishPacket = {
      cmd: 'publish',
      topic,
      qos,
      payload: typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length),
      dup,
      retain: retain ?? false,
    };
    if (protocolVersion === 5) {
      const leftMs = dueMs - this.#context.clock.now();
      const leftSeconds = Number.isFinite(leftMs) ? Math.max(0, Math.ceil(leftMs / 1_000)) : undefined;
      packet.properties = propertiesOf(delivery, leftSeconds);
    }
    if (queued.packetId !== undefined) packet.messageId = queued.packetId;
    return generate(packet, { protocolVersion });
  }

  /** What is in flight and unsure is far below 65,535, so there is always a free one. */
  #nextPacketId(): number {
    const isTaken = (id: number): boolean =>
      this.#inFlight.has(id) || this.#unsure.some(({ packetId }) => packetId === id);
    do {
      this.#lastPacketId = this.#lastPacketId === 65_535 ? 1 : this.#lastPacketId + 1;
    } while (isTaken(this.#lastPacketId));
    return this.#lastPacketId;
  }

  #endSlow(): void {
    const text = `${this.#queue.length} messages wait for this subscriber, no more are kept`;
    this.#context.counters.messagesUndelivered += 1;
    this.#link?.end({
      reason: 'connection-lost',
      reasonCode: reasonCode.quotaExceeded,
      text,
      rejection: { code: 'slow-subscriber' },
    });
  }
}
