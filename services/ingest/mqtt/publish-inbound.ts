import { generate, type IPublishPacket } from 'mqtt-packet';
import { AcknowledgementBatch, acknowledgementCode } from './acknowledgement.ts';
import type { MqttOutcome, MqttPublish } from './application.ts';
import { type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import { checkPublish, topicExcess } from './publish-check.ts';
import { reasonCode } from './reason-codes.ts';

/** A message that waits for its acknowledgement. */
interface Awaiting {
  readonly packet: 'puback' | 'pubrec';
  readonly packetId: number;
  settled: boolean;
  /** Stays `undefined` for a QoS 2 message sent again: its first PUBREC has said what became of it. */
  outcome: MqttOutcome | undefined;
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

/**
 * What one client publishes. Messages go to the application as they come, none waits for another; acknowledgements go
 * out in receive order, each after its commit [MQTT-4.6.0-2] [MQTT-4.6.0-3]. QoS 2 is taken once by its packet id
 * [MQTT-4.3.3-10].
 */
export class PublishInbound {
  readonly #context: MqttContext;
  readonly #session: MqttSession;
  readonly #link: Link;
  readonly #style;
  /** In receive order. */
  #awaiting: Awaiting[] = [];
  /** QoS 2 ids under way to the log, and those whose PUBREC is out. */
  readonly #committing = new Set<number>();
  readonly #awaitingRelease = new Set<number>();
  #unanswered = 0;
  #unansweredBytes = 0;
  #flushDue = false;
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(context: MqttContext, session: MqttSession, link: Link) {
    this.#context = context;
    this.#session = session;
    this.#link = link;
    this.#style = {
      protocolVersion: session.info.protocolVersion,
      wantsProblems: session.wantsProblems,
      clientPacketBytesMax: session.clientPacketBytesMax,
    };
  }

  /** So much is under way to the log that the socket should not be read. */
  get congested(): boolean {
    const { limits } = this.#context;
    return this.#unanswered >= limits.unansweredMax || this.#unansweredBytes >= limits.unansweredBytesMax;
  }

  /** Throws `MqttViolation`. */
  publish(packet: IPublishPacket, receivedAtMs: number): void {
    checkPublish(packet);
    this.#context.counters.publishesReceived += 1;
    const awaiting = packet.qos === 0 ? undefined : this.#admit(packet);
    if (awaiting === null) return;
    const excess = topicExcess(packet.topic, this.#context.limits);
    if (excess !== undefined) {
      this.#refuseTopic(packet, excess, awaiting);
      return;
    }
    const bytes = packet.payload.length;
    this.#unanswered += 1;
    this.#unansweredBytes += bytes;
    this.#context.application.publish(this.#session.principal, publishOf(packet, receivedAtMs)).then(
      (outcome) => {
        this.#answered(bytes);
        this.#settle(awaiting, outcome);
      },
      (error: unknown) => {
        this.#answered(bytes);
        this.#fail(error);
      },
    );
  }

  /** PUBREL: the packet id is free again. */
  release(packetId: number): void {
    const known = this.#awaitingRelease.delete(packetId);
    const answer = { cmd: 'pubcomp', messageId: packetId } as const;
    const { protocolVersion } = this.#session.info;
    const code = known ? reasonCode.success : reasonCode.packetIdentifierNotFound;
    this.#link.send(generate({ ...answer, reasonCode: code }, { protocolVersion }));
  }

  /** The connection is over: acknowledgements that are due are dropped, since packet ids belong to the connection. */
  stop(): void {
    this.#stopped = true;
    this.#context.counters.acknowledgementsDropped += this.#awaiting.length;
    this.#awaiting = [];
    this.#idle?.();
  }

  /** Resolves when nothing is under way and all that is due has been sent. */
  drained(): Promise<void> {
    if (this.#stopped || (this.#unanswered === 0 && !this.#flushDue)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** A place in the order of acknowledgements; `null` for a QoS 2 message that the log has or is getting already. */
  #admit(packet: IPublishPacket): Awaiting | null {
    const packetId = packet.messageId!;
    if (packet.qos === 2) {
      if (this.#committing.has(packetId)) return null;
      if (this.#awaitingRelease.has(packetId)) {
        this.#settle(this.#await('pubrec', packetId), undefined);
        return null;
      }
    }
    const { receiveMaximum, awaitingReleaseMax } = this.#context.limits;
    const inFlight = this.#awaiting.length + this.#awaitingRelease.size;
    const allowed = this.#style.protocolVersion === 5 ? receiveMaximum : Number.POSITIVE_INFINITY;
    if (inFlight >= allowed || this.#awaitingRelease.size + this.#committing.size >= awaitingReleaseMax) {
      const text = `${inFlight} messages are in flight and not acknowledged, no more are taken [MQTT-3.3.4-9]`;
      throw new MqttViolation('receive-maximum-exceeded', reasonCode.receiveMaximumExceeded, text, packet.topic);
    }
    if (packet.qos === 2) this.#committing.add(packetId);
    return this.#await(packet.qos === 2 ? 'pubrec' : 'puback', packetId);
  }

  #await(packet: 'puback' | 'pubrec', packetId: number): Awaiting {
    const awaiting: Awaiting = { packet, packetId, settled: false, outcome: undefined };
    this.#awaiting.push(awaiting);
    return awaiting;
  }

  #answered(bytes: number): void {
    this.#unanswered -= 1;
    this.#unansweredBytes -= bytes;
  }

  #settle(awaiting: Awaiting | undefined, outcome: MqttOutcome | undefined): void {
    if (outcome !== undefined) this.#context.counters.publishesAnswered += 1;
    if (outcome?.outcome === 'refused') this.#context.counters.publishesRefused += 1;
    if (this.#stopped) return;
    if (awaiting !== undefined) {
      awaiting.settled = true;
      awaiting.outcome = outcome;
    }
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
      shared.append(awaiting.packet, awaiting.packetId, awaiting.outcome, this.#style);
      if (awaiting.packet === 'pubrec') this.#received(awaiting);
      sent += 1;
    }
    if (sent > 0) {
      this.#awaiting = sent === this.#awaiting.length ? [] : this.#awaiting.slice(sent);
      this.#link.send(shared.take());
    }
    this.#link.answered();
    if (this.#unanswered === 0) this.#idle?.();
  }

  #received(awaiting: Awaiting): void {
    this.#committing.delete(awaiting.packetId);
    // A PUBREC that refuses ends the exchange: no PUBREL follows (MQTT 5.0, 4.3.3).
    const refused = awaiting.outcome !== undefined && acknowledgementCode(awaiting.outcome) >= 0x80;
    if (refused && this.#style.protocolVersion === 5) return;
    this.#awaitingRelease.add(awaiting.packetId);
  }

  #refuseTopic(packet: IPublishPacket, reason: string, awaiting: Awaiting | undefined): void {
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
