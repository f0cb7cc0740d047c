import { generate, type ISubscribePacket, type ISubscription, type IUnsubscribePacket } from 'mqtt-packet';
import { isTopicFilter, topicMatches } from '../../../devices/topic-filter.ts';
import { type Link, type MqttContext, type MqttSession, MqttViolation } from './link.ts';
import type { MqttDelivery, Outbound } from './outbound.ts';
import { isWellFormed, topicExcess } from './publish-check.ts';
import { reasonCode } from './reason-codes.ts';

/** Who is to hear a topic, over all connections. Exact filters, as devices use them, are found without a search. */
export class SubscriberIndex {
  readonly #exact = new Map<string, Set<Subscriptions>>();
  readonly #wildcard = new Set<Subscriptions>();

  add(filter: string, subscriber: Subscriptions): void {
    if (/[+#]/.test(filter)) {
      this.#wildcard.add(subscriber);
      return;
    }
    const subscribers = this.#exact.get(filter);
    if (subscribers === undefined) this.#exact.set(filter, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  remove(filter: string, subscriber: Subscriptions): void {
    if (/[+#]/.test(filter)) {
      if (!subscriber.hasWildcards()) this.#wildcard.delete(subscriber);
      return;
    }
    const subscribers = this.#exact.get(filter);
    if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#exact.delete(filter);
  }

  /** Hands the message to each subscriber once, whatever the number of its filters that match; says to how many. */
  deliver(delivery: MqttDelivery, principalId?: string): number {
    let count = 0;
    const subscribers = new Set([...(this.#exact.get(delivery.topic) ?? []), ...this.#wildcard]);
    for (const subscriber of subscribers) {
      if (principalId !== undefined && subscriber.principalId !== principalId) continue;
      if (subscriber.offer(delivery)) count += 1;
    }
    return count;
  }
}

const cutShort = (packetId: number | undefined): boolean => packetId === undefined || packetId < 1;

/** The topic filters of one connection. They end with it: there are no sessions. */
export class Subscriptions {
  readonly #context: MqttContext;
  readonly #session: MqttSession;
  readonly #link: Link;
  readonly #index: SubscriberIndex;
  readonly #outbound: Outbound;
  readonly #granted = new Map<string, 0 | 1>();

  constructor(
    context: MqttContext,
    session: MqttSession,
    link: Link,
    routes: { index: SubscriberIndex; outbound: Outbound },
  ) {
    this.#context = context;
    this.#session = session;
    this.#link = link;
    this.#index = routes.index;
    this.#outbound = routes.outbound;
  }

  get principalId(): string {
    return this.#session.principal.id;
  }

  hasWildcards(): boolean {
    for (const filter of this.#granted.keys()) if (/[+#]/.test(filter)) return true;
    return false;
  }

  offer(delivery: MqttDelivery): boolean {
    let granted = -1;
    for (const [filter, qos] of this.#granted) {
      if (qos > granted && (filter === delivery.topic || topicMatches(filter, delivery.topic))) granted = qos;
    }
    if (granted === -1) return false;
    this.#outbound.deliver(granted < delivery.qos ? { ...delivery, qos: 0 } : delivery);
    return true;
  }

  /** Nothing is retained, so a new subscription begins with the next message. Throws `MqttViolation`. */
  subscribe(packet: ISubscribePacket): void {
    if (cutShort(packet.messageId) || packet.subscriptions.length === 0) {
      throw new MqttViolation('protocol-error', reasonCode.protocolError, 'SUBSCRIBE without id or filter (3.8)');
    }
    const { protocolVersion } = this.#session.info;
    const identified = packet.properties?.subscriptionIdentifier !== undefined;
    const granted = packet.subscriptions.map((wanted) =>
      identified ? reasonCode.subscriptionIdentifiersNotSupported : this.#grant(wanted),
    );
    const refused = packet.subscriptions.filter((_, index) => granted[index]! >= 0x80).map(({ topic }) => topic);
    const reasonString = `not granted: ${refused.join(', ')}`.slice(0, 1_000);
    this.#link.send(
      generate(
        {
          cmd: 'suback',
          messageId: packet.messageId!,
          // 3.1.1 knows one way to say no [MQTT-3.9.3-2].
          granted: protocolVersion === 5 ? granted : granted.map((code) => Math.min(code, reasonCode.unspecified)),
          properties: refused.length > 0 && this.#session.wantsProblems ? { reasonString } : {},
        },
        this.#generateOptions(),
      ),
    );
  }

  unsubscribe(packet: IUnsubscribePacket): void {
    if (cutShort(packet.messageId) || packet.unsubscriptions.length === 0) {
      throw new MqttViolation('protocol-error', reasonCode.protocolError, 'UNSUBSCRIBE without id or filter (3.10)');
    }
    const granted = packet.unsubscriptions.map((filter) => {
      if (!this.#granted.delete(filter)) return reasonCode.noSubscriptionExisted;
      this.#index.remove(filter, this);
      return reasonCode.success;
    });
    this.#link.send(generate({ cmd: 'unsuback', messageId: packet.messageId!, granted }, this.#generateOptions()));
  }

  stop(): void {
    const filters = [...this.#granted.keys()];
    this.#granted.clear();
    for (const filter of filters) this.#index.remove(filter, this);
  }

  /** The granted QoS, or the reason code of MQTT 5 why not. */
  #grant({ topic: filter, qos }: ISubscription): number {
    if (filter.startsWith('$share/')) return reasonCode.sharedSubscriptionsNotSupported;
    const { limits, application } = this.#context;
    if (!isTopicFilter(filter) || !isWellFormed(filter) || topicExcess(filter, limits) !== undefined) {
      return reasonCode.topicFilterInvalid;
    }
    if (!application.maySubscribe(this.#session.principal, filter)) return reasonCode.notAuthorized;
    if (!this.#granted.has(filter) && this.#granted.size >= limits.subscriptionsMax) return reasonCode.quotaExceeded;
    const grantedQos = qos === 0 ? 0 : 1;
    this.#granted.set(filter, grantedQos);
    this.#index.add(filter, this);
    return grantedQos;
  }

  #generateOptions(): { protocolVersion: number; properties: { maximumPacketSize?: number } } {
    const { clientPacketBytesMax: maximumPacketSize, info } = this.#session;
    const { protocolVersion } = info;
    return { protocolVersion, properties: Number.isFinite(maximumPacketSize) ? { maximumPacketSize } : {} };
  }
}
