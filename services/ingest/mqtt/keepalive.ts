/**
 * Ends a connection that was silent for one and a half times its keepalive [MQTT-3.1.2-22]. Counts the ticks of a timer
 * that all connections share: a corrected wall clock disconnects nobody, nor does a process that was too busy to read.
 */
export class Keepalive {
  readonly #silentMs: number;
  #unheardMs = 0;
  #stopped = true;

  constructor(keepaliveSeconds: number) {
    this.#silentMs = keepaliveSeconds * 1_500;
  }

  start(): void {
    this.#stopped = false;
    this.#unheardMs = 0;
  }

  /** Something was read. */
  heard(): void {
    this.#unheardMs = 0;
  }

  /** While the endpoint doesn't read the socket, silence says nothing about the client. */
  stop(): void {
    this.#stopped = true;
  }

  /** Answers whether the client has been silent for too long. */
  tick(elapsedMs: number): boolean {
    if (this.#stopped || this.#silentMs === 0) return false;
    // Longer than said: the first tick after a packet may come at once.
    const isOver = this.#unheardMs > this.#silentMs;
    this.#unheardMs += elapsedMs;
    return isOver;
  }
}
