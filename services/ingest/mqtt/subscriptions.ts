import { generate, type ISubscribePacket, type ISubscription, type IUnsubscribePacket } from 'mqtt-packet';
import { isTopicFilter, topicMatches } from '../../../devices/topic-filter.ts';
import type { MqttPrincipal } from './application.ts';
import { type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import type { MqttDelivery, Outbound } from './outbound.ts';
import { isWellFormed, topicExcess } from './publish-check.ts';
import { reasonCode } from './reason-codes.ts';
import { isWildcard, type Subscriber, type SubscriberIndex } from './subscriber-index.ts';

interface Granted {
  qos: 0 | 1;
  retainAsPublished: boolean;
  identifier: number | undefined;
}

/** Retain Handling (3.8.3.1): retained messages at every subscription, at a new one only, or never. */
const retainHandling = { always: 0, ifNew: 1 } as const;

const cutShort = (packetId: number | undefined): boolean => packetId === undefined || packetId < 1;

const identifierOf = ({ properties }: ISubscribePacket): number | undefined => {
  const identifier: unknown = properties?.subscriptionIdentifier;
  if (identifier === undefined) return undefined;
  if (typeof identifier === 'number' && identifier > 0) return identifier;
  const text = 'a subscription identifier is one number from 1 to 268,435,455 (3.8.2.1.2)';
  throw new MqttViolation('protocol-error', reasonCode.protocolError, text);
};

const generateOptions = ({ clientPacketBytesMax, info: { protocolVersion } }: MqttSession) => ({
  protocolVersion,
  properties: Number.isFinite(clientPacketBytesMax) ? { maximumPacketSize: clientPacketBytesMax } : {},
});

/** The topic filters of one session [MQTT-4.1.0-1]; what matches goes to its client, or waits for it. */
export class Subscriptions implements Subscriber {
  readonly #context: MqttContext;
  readonly #principal: MqttPrincipal;
  readonly #index: SubscriberIndex;
  readonly #outbound: Outbound;
  readonly #granted = new Map<string, Granted>();

  constructor(
    context: MqttContext,
    principal: MqttPrincipal,
    { index, outbound }: { index: SubscriberIndex; outbound: Outbound },
  ) {
    this.#context = context;
    this.#principal = principal;
    this.#index = index;
    this.#outbound = outbound;
  }

  get principalId(): string {
    return this.#principal.id;
  }

  hasWildcards(): boolean {
    for (const filter of this.#granted.keys()) if (isWildcard(filter)) return true;
    return false;
  }

  /** One message for all filters that match, at the best of their QoS, with all their identifiers [MQTT-3.3.4-2] [-4]. */
  offer(delivery: MqttDelivery): boolean {
    let qos = -1;
    let retain = false;
    const identifiers: number[] = [];
    for (const [filter, granted] of this.#granted) {
      if (filter !== delivery.topic && !topicMatches(filter, delivery.topic)) continue;
      qos = Math.max(qos, granted.qos);
      retain ||= granted.retainAsPublished;
      if (granted.identifier !== undefined) identifiers.push(granted.identifier);
    }
    if (qos === -1) return false;
    this.#outbound.deliver({
      ...delivery,
      qos: qos < delivery.qos ? 0 : delivery.qos,
      retain: retain && delivery.retain === true,
      ...(identifiers.length === 0 ? {} : { subscriptionIdentifiers: identifiers }),
    });
    return true;
  }

  /** Throws `MqttViolation`. */
  subscribe(packet: ISubscribePacket, session: MqttSession, link: Link): void {
    if (cutShort(packet.messageId) || packet.subscriptions.length === 0) {
      throw new MqttViolation('protocol-error', reasonCode.protocolError, 'SUBSCRIBE without id or filter (3.8)');
    }
    const identifier = identifierOf(packet);
    const known = new Set(this.#granted.keys());
    const granted = packet.subscriptions.map((wanted) => this.#grant(wanted, identifier));
    const refused = packet.subscriptions.filter((_, index) => granted[index]! >= 0x80).map(({ topic }) => topic);
    const reasonString = `not granted: ${refused.join(', ')}`.slice(0, 1_000);
    const { protocolVersion } = session.info;
    link.send(
      generate(
        {
          cmd: 'suback',
          messageId: packet.messageId!,
          // 3.1.1 knows one way to say no [MQTT-3.9.3-2].
          granted: protocolVersion === 5 ? granted : granted.map((code) => Math.min(code, reasonCode.unspecified)),
          properties: refused.length > 0 && session.wantsProblems ? { reasonString } : {},
        },
        generateOptions(session),
      ),
    );
    for (const [index, { topic, rh = retainHandling.always }] of packet.subscriptions.entries()) {
      const wanted = rh === retainHandling.always || (rh === retainHandling.ifNew && !known.has(topic));
      if (granted[index]! < 0x80 && wanted) this.#outbound.deliverRetained(topic, this.#retained(topic));
    }
  }

  /** Throws `MqttViolation`. */
  unsubscribe(packet: IUnsubscribePacket, session: MqttSession, link: Link): void {
    if (cutShort(packet.messageId) || packet.unsubscriptions.length === 0) {
      throw new MqttViolation('protocol-error', reasonCode.protocolError, 'UNSUBSCRIBE without id or filter (3.10)');
    }
    const granted = packet.unsubscriptions.map((filter) =>
      this.#remove(filter) ? reasonCode.success : reasonCode.noSubscriptionExisted,
    );
    // `mqtt-packet` looks for something to leave out where the client takes small packets only.
    const unsuback = { cmd: 'unsuback' as const, messageId: packet.messageId!, granted, properties: {} };
    link.send(generate(unsuback, generateOptions(session)));
  }

  /** The client is back: what it may hear may have changed meanwhile. */
  review(): void {
    for (const filter of [...this.#granted.keys()]) {
      if (!this.#context.application.maySubscribe(this.#principal, filter)) this.#remove(filter);
    }
  }

  /** The session is over. */
  discard(): void {
    for (const filter of [...this.#granted.keys()]) this.#remove(filter);
  }

  #remove(filter: string): boolean {
    this.#outbound.forgetRetained(filter);
    if (!this.#granted.delete(filter)) return false;
    this.#index.remove(filter, this);
    return true;
  }

  /** The granted QoS, or the reason code of MQTT 5 why not. */
  #grant({ topic: filter, qos, rap }: ISubscription, identifier: number | undefined): number {
    if (filter.startsWith('$share/')) return reasonCode.sharedSubscriptionsNotSupported;
    const { limits, application } = this.#context;
    if (!isTopicFilter(filter) || !isWellFormed(filter) || topicExcess(filter, limits) !== undefined) {
      return reasonCode.topicFilterInvalid;
    }
    if (!application.maySubscribe(this.#principal, filter)) return reasonCode.notAuthorized;
    if (!this.#granted.has(filter) && this.#granted.size >= limits.subscriptionsMax) return reasonCode.quotaExceeded;
    const grantedQos = qos === 0 ? 0 : 1;
    this.#granted.set(filter, { qos: grantedQos, retainAsPublished: rap === true, identifier });
    this.#index.add(filter, this);
    return grantedQos;
  }

  *#retained(filter: string): Generator<MqttDelivery> {
    for (const { topic, payload } of this.#context.application.retained(this.#principal, filter)) {
      const granted = this.#granted.get(filter);
      if (granted === undefined) return;
      const { qos, identifier } = granted;
      // As the answer to a subscription it is marked as retained, whatever Retain As Published says [MQTT-3.3.1-8].
      const identified = identifier === undefined ? {} : { subscriptionIdentifiers: [identifier] };
      yield { topic, payload, qos, retain: true, ...identified };
    }
  }
}
