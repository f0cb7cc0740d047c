import { generate, type IPublishPacket } from 'mqtt-packet';
import { faultPoint } from '../../runtime/fault-points.ts';
import { promised, tell, type Waiting } from '../../runtime/waiting.ts';
import { AcknowledgementBatch, acknowledgementCode } from './acknowledgement.ts';
import type { MqttOutcome, MqttPublish, MqttQuota } from './application.ts';
import { type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import { checkPublish, topicExcess } from './publish-check.ts';
import { reasonCode } from './reason-codes.ts';
import type { ReceivedIds } from './session-state.ts';
import { TopicAliases } from './topic-aliases.ts';

/** A message that waits for its outcome, and with QoS 1 and 2 for its acknowledgement. Holds none of its bytes. */
class Awaiting implements Waiting<MqttOutcome> {
  /** `undefined` with QoS 0. */
  readonly packet: 'puback' | 'pubrec' | undefined;
  readonly packetId: number;
  settled = false;
  /** Stays `undefined` for a QoS 2 message sent again: its first PUBREC has said what became of it. */
  outcome: MqttOutcome | undefined = undefined;
  /** Of its payload, while the application has it. */
  bytes = 0;
  readonly #inbound: PublishInbound;

  constructor(inbound: PublishInbound, packet: Awaiting['packet'], packetId: number) {
    this.#inbound = inbound;
    this.packet = packet;
    this.packetId = packetId;
  }

  done(outcome: MqttOutcome): void {
    this.#inbound.answered(this, outcome);
  }

  failed(error: unknown): void {
    this.#inbound.failed(this, error);
  }
}

/** One for all connections: it is filled and taken within one turn. */
const shared = new AcknowledgementBatch();

/** The message as the application sees it. */
export const publishOf = (packet: IPublishPacket, receivedAtMs: number): MqttPublish => {
  const message: MqttPublish = {
    topic: packet.topic,
    payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
    qos: packet.qos,
    retain: packet.retain,
    duplicate: packet.dup,
    receivedAtMs,
  };
  if (packet.messageId !== undefined) message.packetId = packet.messageId;
  if (packet.properties?.contentType !== undefined) message.contentType = packet.properties.contentType;
  if (packet.properties?.userProperties !== undefined) message.userProperties = packet.properties.userProperties;
  return message;
};

/** A message over its sender's quota. */
interface Throttled {
  readonly packet: IPublishPacket;
  readonly awaiting: Awaiting;
  readonly receivedAtMs: number;
}

/**
 * What one client publishes. Messages go to the application as they come, none waits for another; acknowledgements go
 * out in receive order, each after its commit [MQTT-4.6.0-2] [MQTT-4.6.0-3]. QoS 2 is taken once by its packet id
 * [MQTT-4.3.3-10], over all connections of the session.
 */
export class PublishInbound {
  readonly #context: MqttContext;
  readonly #session: MqttSession;
  readonly #link: Link;
  readonly #style;
  readonly #quota: MqttQuota | undefined;
  readonly #aliases: TopicAliases;
  readonly #received: ReceivedIds;
  /** Ids of an earlier connection that wait for their PUBREL: they count against no receive maximum (4.9). */
  readonly #carried: Set<number>;
  /** In receive order. */
  #awaiting: Awaiting[] = [];
  #throttled: Throttled[] = [];
  #throttledBytes = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  #flushDue = false;
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(context: MqttContext, session: MqttSession, link: Link, received: ReceivedIds) {
    this.#context = context;
    this.#session = session;
    this.#link = link;
    this.#received = received;
    this.#carried = new Set(received.awaitingRelease);
    this.#quota = context.application.quotaOf(session.principal);
    this.#aliases = new TopicAliases(context.limits.topicAliasMax);
    this.#style = {
      protocolVersion: session.info.protocolVersion,
      wantsProblems: session.wantsProblems,
      clientPacketBytesMax: session.clientPacketBytesMax,
    };
  }

  /** So much is under way to the log, or over the quota, that the socket should not be read. */
  get congested(): boolean {
    const { limits } = this.#context;
    return (
      this.#unanswered >= limits.unansweredMax ||
      this.#unansweredBytes >= limits.unansweredBytesMax ||
      this.#throttled.length >= limits.throttledMax ||
      this.#throttledBytes >= limits.throttledBytesMax ||
      (this.isThrottled && this.#areTooManyThrottled)
    );
  }

  /** Over all connections: it holds up only those that have a part in it. */
  get #areTooManyThrottled(): boolean {
    const { limits, throttled } = this.#context;
    return throttled.messages >= limits.throttledInAllMax || throttled.bytes >= limits.throttledBytesInAllMax;
  }

  /** Throws `MqttViolation`. */
  publish(packet: IPublishPacket, receivedAtMs: number): void {
    checkPublish(packet, this.#aliases);
    this.#context.counters.publishesReceived += 1;
    const awaiting = packet.qos === 0 ? new Awaiting(this, undefined, 0) : this.#admit(packet);
    if (awaiting === undefined) return;
    if (this.#quota !== undefined && (this.#throttled.length > 0 || this.#quota.take(receivedAtMs) > 0)) {
      this.#overQuota(this.#quota, { packet, awaiting, receivedAtMs });
    } else {
      this.#hand(packet, awaiting, receivedAtMs);
    }
  }

  get isThrottled(): boolean {
    return this.#throttled.length > 0;
  }

  /** Time has passed: messages that waited for the quota may go on. */
  goOn(nowMs: number): void {
    const before = this.#throttled.length;
    while (this.isThrottled && !this.#context.underWay.isFull && this.#quota!.take(nowMs) === 0) {
      const { packet, awaiting, receivedAtMs } = this.#throttled.shift()!;
      this.#countThrottled(-1, -packet.payload.length);
      this.#hand(packet, awaiting, receivedAtMs);
    }
    if (this.#throttled.length < before) this.#link.answered();
  }

  /** PUBREL: the packet id is free again. */
  release(packetId: number): void {
    this.#carried.delete(packetId);
    const known = this.#received.awaitingRelease.delete(packetId);
    const answer = { cmd: 'pubcomp', messageId: packetId } as const;
    const { protocolVersion } = this.#session.info;
    const code = known ? reasonCode.success : reasonCode.packetIdentifierNotFound;
    this.#link.send(generate({ ...answer, reasonCode: code }, { protocolVersion }));
  }

  /**
   * The connection is over: acknowledgements that are due are dropped. A QoS 2 message that the log has is known to the
   * session, one that waited for the quota was never taken.
   */
  stop(): void {
    this.#stopped = true;
    this.#context.counters.acknowledgementsDropped += this.#awaiting.length;
    for (const { packet, packetId, outcome } of this.#awaiting) {
      if (packet === 'pubrec' && outcome !== undefined) this.#committed(packetId, outcome);
    }
    for (const { packet } of this.#throttled) if (packet.qos === 2) this.#received.committing.delete(packet.messageId!);
    this.#countThrottled(-this.#throttled.length, -this.#throttledBytes);
    this.#awaiting = [];
    this.#throttled = [];
    this.#idle?.();
  }

  /** Resolves when nothing is under way and all that is due has been sent. */
  drained(): Promise<void> {
    if (this.#stopped || (this.#unanswered === 0 && !this.#flushDue)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** In MQTT 5 the sender is told at once; 3.1.1 can say nothing, so its message, and what comes after it, waits. */
  #overQuota(quota: MqttQuota, throttled: Throttled): void {
    const { packet, awaiting, receivedAtMs } = throttled;
    if (awaiting.packet !== undefined && this.#style.protocolVersion === 5) {
      const reason = quota.exceeded(receivedAtMs, 'refused');
      const refused = { code: 'over-quota', reason, reasonCode: reasonCode.quotaExceeded };
      this.#settle(awaiting, { outcome: 'refused', ...refused });
      return;
    }
    quota.exceeded(receivedAtMs, 'delayed');
    this.#throttled.push(throttled);
    this.#countThrottled(1, packet.payload.length);
  }

  #countThrottled(messages: number, bytes: number): void {
    const { throttled } = this.#context;
    this.#throttledBytes += bytes;
    throttled.messages += messages;
    throttled.bytes += bytes;
  }

  #hand(packet: IPublishPacket, awaiting: Awaiting, receivedAtMs: number): void {
    const excess = topicExcess(packet.topic, this.#context.limits);
    if (excess !== undefined) {
      this.#refuseTopic(packet, excess, awaiting);
      return;
    }
    awaiting.bytes = packet.payload.length;
    this.#unanswered += 1;
    this.#unansweredBytes += awaiting.bytes;
    this.#context.underWay.enter(awaiting.bytes);
    const message = publishOf(packet, receivedAtMs);
    if (packet.qos === 2) this.#handOnce(packet.messageId!, message, awaiting);
    else this.#context.application.publish(this.#session.principal, message, awaiting);
  }

  /** Said again on another connection, it waits for the same outcome. */
  #handOnce(packetId: number, message: MqttPublish, awaiting: Awaiting): void {
    const outcome = promised((waiting: Waiting<MqttOutcome>) =>
      this.#context.application.publish(this.#session.principal, message, waiting),
    );
    this.#received.committing.set(packetId, outcome);
    tell(outcome, awaiting);
  }

  /** The log has the message, or the application has refused it. */
  answered(awaiting: Awaiting, outcome: MqttOutcome): void {
    this.#leave(awaiting);
    if (this.#stopped && awaiting.packet === 'pubrec') this.#committed(awaiting.packetId, outcome);
    this.#settle(awaiting, outcome);
  }

  failed(awaiting: Awaiting, error: unknown): void {
    this.#leave(awaiting);
    if (awaiting.packet === 'pubrec') this.#received.committing.delete(awaiting.packetId);
    this.#fail(error);
  }

  /** A place in the order of acknowledgements; none for a QoS 2 message that the log has or is getting already. */
  #admit(packet: IPublishPacket): Awaiting | undefined {
    const packetId = packet.messageId!;
    const { committing, awaitingRelease } = this.#received;
    if (packet.qos === 2) {
      if (committing.has(packetId)) return this.#meet(packetId, committing.get(packetId));
      if (awaitingRelease.has(packetId)) {
        this.#settle(this.#await('pubrec', packetId), undefined);
        return undefined;
      }
    }
    const { receiveMaximum, awaitingReleaseMax } = this.#context.limits;
    const inFlight = this.#awaiting.length + awaitingRelease.size - this.#carried.size;
    const allowed = this.#style.protocolVersion === 5 ? receiveMaximum : Number.POSITIVE_INFINITY;
    if (inFlight >= allowed || awaitingRelease.size + committing.size >= awaitingReleaseMax) {
      const text = `${inFlight} messages are in flight and not acknowledged, no more are taken [MQTT-3.3.4-7]`;
      throw new MqttViolation('receive-maximum-exceeded', reasonCode.receiveMaximumExceeded, text, packet.topic);
    }
    if (packet.qos === 2) committing.set(packetId, undefined);
    return this.#await(packet.qos === 2 ? 'pubrec' : 'puback', packetId);
  }

  /** A QoS 2 message that is being committed is said again: on a new connection its PUBREC is still owed. */
  #meet(packetId: number, outcome: Promise<MqttOutcome> | undefined): undefined {
    const isOwed = this.#awaiting.some((awaiting) => awaiting.packet === 'pubrec' && awaiting.packetId === packetId);
    if (isOwed || outcome === undefined) return undefined;
    const awaiting = this.#await('pubrec', packetId);
    outcome.then(
      (known) => this.#settle(awaiting, known, false),
      (error: unknown) => this.#fail(error),
    );
    return undefined;
  }

  #await(packet: 'puback' | 'pubrec', packetId: number): Awaiting {
    const awaiting = new Awaiting(this, packet, packetId);
    this.#awaiting.push(awaiting);
    return awaiting;
  }

  #leave({ bytes }: Awaiting): void {
    this.#unanswered -= 1;
    this.#unansweredBytes -= bytes;
    this.#context.underWay.leave(bytes);
  }

  #settle(awaiting: Awaiting, outcome: MqttOutcome | undefined, counts = true): void {
    if (counts && outcome !== undefined) this.#context.counters.publishesAnswered += 1;
    if (counts && outcome?.outcome === 'refused') this.#context.counters.publishesRefused += 1;
    if (this.#stopped) return;
    awaiting.settled = true;
    awaiting.outcome = outcome;
    if (this.#flushDue) return;
    // After all promises of this turn: one group commit answers many messages, and they leave in one write.
    this.#flushDue = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushDue = false;
    if (this.#stopped) return;
    let sent = 0;
    for (const awaiting of this.#awaiting) {
      if (!awaiting.settled) break;
      shared.append(awaiting.packet!, awaiting.packetId, awaiting.outcome, this.#style);
      // Said again after its PUBREC it has no outcome of its own, and its PUBREL may have come in the same chunk.
      if (awaiting.packet === 'pubrec' && awaiting.outcome !== undefined) {
        this.#committed(awaiting.packetId, awaiting.outcome);
      }
      sent += 1;
    }
    if (sent > 0) {
      this.#awaiting = sent === this.#awaiting.length ? [] : this.#awaiting.slice(sent);
      faultPoint('acknowledging');
      this.#link.send(shared.take());
      faultPoint('acknowledged');
    }
    this.#link.answered();
    if (this.#unanswered === 0) this.#idle?.();
  }

  #committed(packetId: number, outcome: MqttOutcome): void {
    this.#received.committing.delete(packetId);
    // A PUBREC that refuses ends the exchange: no PUBREL follows (MQTT 5.0, 4.3.3).
    const refused = acknowledgementCode(outcome) >= 0x80;
    if (refused && this.#style.protocolVersion === 5) return;
    this.#received.awaitingRelease.add(packetId);
  }

  #refuseTopic(packet: IPublishPacket, reason: string, awaiting: Awaiting): void {
    const { application, failed } = this.#context;
    const { remoteAddress } = this.#session.info;
    const topic = packet.topic.slice(0, 200);
    application
      .rejected(this.#session.principal, 'topic-invalid', { topic, remoteAddress, reason })
      .catch((error: unknown) => failed(error, 'recording a rejection'));
    this.#settle(awaiting, {
      outcome: 'refused',
      code: 'wrong-topic',
      reason,
      reasonCode: reasonCode.topicNameInvalid,
    });
  }

  #fail(error: unknown): void {
    this.#context.failed(error, 'publishing');
    this.#link.end({
      reason: 'hub-failed',
      reasonCode: reasonCode.serverBusy,
      text: 'the hub could not record a message: connect again and send what was not acknowledged',
    });
  }
}
