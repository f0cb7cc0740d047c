import type { MqttOutcome, MqttPrincipal } from './application.ts';
import type { MqttContext } from './link.ts';
import { type HeldBytes, Outbound } from './outbound.ts';
import type { SubscriberIndex } from './subscriber-index.ts';
import { Subscriptions } from './subscriptions.ts';

/** QoS 2 packet ids that the client may still name, so that a message is taken once [MQTT-4.3.3-10]. */
export interface ReceivedIds {
  /** Under way to the log; `undefined` while the message still waits for its turn. */
  readonly committing: Map<number, Promise<MqttOutcome> | undefined>;
  /** The log has them, and PUBREL is to come. */
  readonly awaitingRelease: Set<number>;
}

/** What outlives a connection (MQTT 5.0, 4.1), in memory: a restart of the hub ends it, and the client is told so. */
export class SessionState {
  readonly principal: MqttPrincipal;
  readonly outbound: Outbound;
  readonly subscriptions: Subscriptions;
  readonly received: ReceivedIds = { committing: new Map(), awaitingRelease: new Set() };

  constructor(
    context: MqttContext,
    principal: MqttPrincipal,
    { index, held, overflowed }: { index: SubscriberIndex; held: HeldBytes; overflowed: () => void },
  ) {
    this.principal = principal;
    this.outbound = new Outbound(context, held, overflowed);
    this.subscriptions = new Subscriptions(context, principal, { index, outbound: this.outbound });
  }

  discard(): void {
    this.subscriptions.discard();
    this.outbound.discard();
  }
}
