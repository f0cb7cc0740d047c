import type { Farewells } from './farewells.ts';
import type { Ending } from './link.ts';
import { reasonCode } from './reason-codes.ts';

interface Entered {
  end(ending: Ending): void;
  /** Resolves when the application has been told. */
  readonly gone: Promise<void>;
}

/** Which connection is a client's present one. A client identifier counts within its principal: no stranger takes over. */
export class ConnectionTable {
  readonly #present = new Map<string, Entered>();
  readonly #farewells: Farewells;

  constructor(farewells: Farewells) {
    this.#farewells = farewells;
  }

  /** Ends an older connection of the same client [MQTT-3.1.4-3] and resolves when the application knows of its end. */
  async enter(key: string, connection: Entered): Promise<void> {
    const older = this.#present.get(key);
    this.#present.set(key, connection);
    if (older !== undefined) {
      const text = 'the same client has connected again';
      older.end({ reason: 'taken-over', reasonCode: reasonCode.sessionTakenOver, text });
      await older.gone;
    }
    await this.#farewells.returned(key);
  }

  leave(key: string, connection: Entered): void {
    if (this.#present.get(key) === connection) this.#present.delete(key);
  }
}
