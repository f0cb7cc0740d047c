import type { MqttDelivery } from './outbound.ts';

/** Who may be told something, here or away. */
export interface Subscriber {
  readonly principalId: string;
  hasWildcards(): boolean;
  /** Answers whether one of its filters matches. */
  offer(delivery: MqttDelivery): boolean;
}

export const isWildcard = (filter: string): boolean => /[+#]/.test(filter);

/** Who is to hear a topic, over all sessions. Exact filters, as devices use them, are found without a search. */
export class SubscriberIndex {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #wildcard = new Set<Subscriber>();

  add(filter: string, subscriber: Subscriber): void {
    if (isWildcard(filter)) {
      this.#wildcard.add(subscriber);
      return;
    }
    const subscribers = this.#exact.get(filter);
    if (subscribers === undefined) this.#exact.set(filter, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  remove(filter: string, subscriber: Subscriber): void {
    if (isWildcard(filter)) {
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
