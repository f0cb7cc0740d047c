import { promised, type Waiting } from '../../runtime/waiting.ts';
import type { MqttConnectionInfo, MqttDisconnectReason, MqttOutcome, MqttPrincipal } from './application.ts';
import type { MqttContext, MqttSession } from './link.ts';

/** Ends in which the device is not gone, so that its last will would be a false alarm. */
const withoutWill: ReadonlySet<MqttDisconnectReason> = new Set(['goodbye', 'taken-over', 'hub-failed', 'dismissed']);

interface Delayed {
  timer: NodeJS.Timeout;
  principal: MqttPrincipal;
  info: MqttConnectionInfo;
}

/** Publishes wills and tells the application who has gone. Outlives the connections, for wills with a delay. */
export class Farewells {
  readonly #context: MqttContext;
  readonly #delayed = new Map<string, Delayed>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: MqttContext) {
    this.#context = context;
  }

  /** The client of `key` has gone. Resolves when that is told, or when it is put off until its will is due. */
  gone(key: string, session: MqttSession, reason: MqttDisconnectReason): Promise<void> {
    const { will, principal, info } = session;
    if (will === undefined || withoutWill.has(reason)) return this.#tell(principal, reason, info);
    if (will.delaySeconds === 0) return this.#execute(session);
    // Until then the client may come back, and nothing was the matter [MQTT-3.1.3-9].
    const timer = setTimeout(() => {
      this.#delayed.delete(key);
      void this.#execute(session);
    }, will.delaySeconds * 1_000);
    timer.unref();
    this.#delayed.set(key, { timer, principal, info });
    return Promise.resolve();
  }

  /** The client of `key` is here again: a will that waits for its delay is not sent. */
  async returned(key: string): Promise<void> {
    const delayed = this.#delayed.get(key);
    if (delayed === undefined) return;
    clearTimeout(delayed.timer);
    this.#delayed.delete(key);
    await this.#tell(delayed.principal, 'taken-over', delayed.info);
  }

  /** The endpoint shuts down, which is no device's fault: wills that wait are forgotten, what is under way is awaited. */
  async close(): Promise<void> {
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    await Promise.all(this.#underWay);
  }

  #execute(session: MqttSession): Promise<void> {
    return this.#track(async () => {
      const { principal, info, will } = session;
      const message = { ...will!.message, receivedAtMs: this.#context.clock.now() };
      try {
        await promised((waiting: Waiting<MqttOutcome>) =>
          this.#context.application.publish(principal, message, waiting),
        );
      } catch (error) {
        this.#context.failed(error, 'publishing a will');
      }
      await this.#context.application.disconnected(principal, 'will', info, message);
    });
  }

  #tell(principal: MqttPrincipal, reason: MqttDisconnectReason, info: MqttConnectionInfo): Promise<void> {
    return this.#track(() => this.#context.application.disconnected(principal, reason, info));
  }

  #track(work: () => Promise<void>): Promise<void> {
    const tracked = work()
      .catch((error: unknown) => this.#context.failed(error, 'telling of a disconnect'))
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }
}
