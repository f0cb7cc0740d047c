import type { MqttLimits } from './limits.ts';

interface Waiting {
  answered(): void;
}

/** Messages of all connections that are under way to the log; a connection that finds no room waits for its turn. */
export class UnderWay {
  readonly #limits: MqttLimits;
  #messages = 0;
  #bytes = 0;
  /** In the order in which they found no room. */
  readonly #waiting = new Set<Waiting>();
  #callDue = false;
  #called: Waiting | undefined;

  constructor(limits: MqttLimits) {
    this.#limits = limits;
  }

  enter(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  leave(bytes: number): void {
    this.#messages -= 1;
    this.#bytes -= bytes;
    if (this.#callDue || this.#waiting.size === 0 || this.isFull) return;
    // Once for all that one group commit answers.
    this.#callDue = true;
    setImmediate(() => this.#callWaiting());
  }

  /** Answers whether one more may be read; if not, `waiting` is told when there is room again. */
  hasRoomFor(waiting: Waiting): boolean {
    // Nobody goes past those who wait.
    if (!this.isFull && (this.#waiting.size === 0 || this.#called === waiting)) return true;
    this.#waiting.add(waiting);
    return false;
  }

  get isFull(): boolean {
    const { unansweredInAllMax, unansweredBytesInAllMax } = this.#limits;
    return this.#messages >= unansweredInAllMax || this.#bytes >= unansweredBytesInAllMax;
  }

  #callWaiting(): void {
    this.#callDue = false;
    for (const waiting of this.#waiting) {
      if (this.isFull) break;
      // One that uses up the room before it is done comes to stand behind the others.
      this.#waiting.delete(waiting);
      this.#called = waiting;
      waiting.answered();
    }
    this.#called = undefined;
  }
}
