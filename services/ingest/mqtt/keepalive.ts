/**
 * Ends a connection that was silent for one and a half times its keepalive [MQTT-3.1.2-22]. Runs on timers, which go by
 * a monotonic clock: a corrected wall clock disconnects nobody.
 */
export class Keepalive {
  readonly #silentMs: number;
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #heard = false;

  constructor(keepaliveSeconds: number, expired: () => void) {
    this.#silentMs = keepaliveSeconds * 1_500;
    this.#expired = expired;
  }

  start(): void {
    if (this.#silentMs === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#ring(), this.#silentMs);
    this.#timer.unref();
  }

  /** Something was read. */
  heard(): void {
    this.#heard = true;
    this.#timer?.refresh();
  }

  /** While the endpoint doesn't read the socket, silence says nothing about the client. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A process that was busy runs its timers before it reads what has long arrived, so the sockets get one turn. */
  #ring(): void {
    this.#heard = false;
    setImmediate(() => {
      if (!this.#heard && this.#timer !== undefined) this.#expired();
    });
  }
}
