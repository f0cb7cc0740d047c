import { type MqttPrincipal, principalKey } from './application.ts';
import type { MqttContext } from './link.ts';
import type { HeldBytes } from './outbound.ts';
import { SessionState } from './session-state.ts';
import type { SubscriberIndex } from './subscriber-index.ts';

interface Kept {
  state: SessionState;
  /** By the store's own clock, which no correction of the wall clock moves. */
  dueMs: number;
}

/** Sessions whose clients are away, bounded in number and bytes [MQTT-4.1.0-1]; the oldest goes first. */
export class SessionStore {
  readonly #context: MqttContext;
  readonly #index: SubscriberIndex;
  readonly #held: HeldBytes = { bytes: 0 };
  readonly #kept = new Map<string, Kept>();
  readonly #ofPrincipal = new Map<string, Set<string>>();
  #nowMs = 0;

  constructor(context: MqttContext, index: SubscriberIndex) {
    this.#context = context;
    this.#index = index;
  }

  /** The session that the client comes back to, or a new one where it wants that or there is none [MQTT-3.1.2-4..6]. */
  take(key: string, principal: MqttPrincipal, clean: boolean): { state: SessionState; present: boolean } {
    const kept = this.#remove(key);
    if (kept !== undefined && !clean) {
      kept.state.subscriptions.review();
      return { state: kept.state, present: true };
    }
    kept?.state.discard();
    const routes = { index: this.#index, held: this.#held, overflowed: () => this.forget(key) };
    return { state: new SessionState(this.#context, principal, routes), present: false };
  }

  /** The client has gone [MQTT-3.1.2-23]. */
  keep(key: string, state: SessionState, expirySeconds: number): void {
    state.outbound.detach();
    if (expirySeconds === 0) {
      state.discard();
      return;
    }
    this.#makeRoom(state.principal);
    this.#kept.set(key, { state, dueMs: this.#nowMs + expirySeconds * 1_000 });
    const owner = principalKey(state.principal);
    const own = this.#ofPrincipal.get(owner);
    if (own === undefined) this.#ofPrincipal.set(owner, new Set([key]));
    else own.add(key);
  }

  forget(key: string): void {
    this.#remove(key)?.state.discard();
  }

  forgetAllOf(principal: Pick<MqttPrincipal, 'kind' | 'id'>): void {
    for (const key of [...(this.#ofPrincipal.get(principalKey(principal)) ?? [])]) this.forget(key);
  }

  tick(elapsedMs: number): void {
    this.#nowMs += elapsedMs;
    for (const [key, { dueMs }] of this.#kept) if (dueMs <= this.#nowMs) this.forget(key);
  }

  close(): void {
    for (const key of [...this.#kept.keys()]) this.forget(key);
  }

  get size(): number {
    return this.#kept.size;
  }

  #remove(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    const owner = principalKey(kept.state.principal);
    const own = this.#ofPrincipal.get(owner);
    own?.delete(key);
    if (own?.size === 0) this.#ofPrincipal.delete(owner);
    return kept;
  }

  #makeRoom(principal: MqttPrincipal): void {
    const { sessionsKeptMax, sessionsPerPrincipalMax } = this.#context.limits;
    if (this.#kept.size >= sessionsKeptMax) this.forget(this.#kept.keys().next().value!);
    const own = this.#ofPrincipal.get(principalKey(principal));
    if (own !== undefined && own.size >= sessionsPerPrincipalMax) this.forget(own.values().next().value!);
  }
}
