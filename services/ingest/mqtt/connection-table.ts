import { type MqttPrincipal, principalKey } from './application.ts';
import type { Farewells } from './farewells.ts';
import type { Ending } from './link.ts';
import { reasonCode } from './reason-codes.ts';

interface Entered {
  end(ending: Ending): void;
  /** Resolves when the application has been told. */
  readonly gone: Promise<void>;
}

/** A client identifier counts within its principal: no stranger takes over. */
export const clientKey = (principal: MqttPrincipal, clientId: string): string =>
  `${principalKey(principal)} ${clientId}`;

/** Which connection is a client's present one. */
export class ConnectionTable {
  /** By principal, then by client. */
  readonly #present = new Map<string, Map<string, Entered>>();
  readonly #farewells: Farewells;

  constructor(farewells: Farewells) {
    this.#farewells = farewells;
  }

  /** How many connections the principal has open under other client identifiers. */
  countBeside(principal: MqttPrincipal, key: string): number {
    const own = this.#present.get(principalKey(principal));
    return own === undefined ? 0 : own.size - (own.has(key) ? 1 : 0);
  }

  /** Ends an older connection of the same client [MQTT-3.1.4-3] and resolves when the application knows of its end. */
  async enter(principal: MqttPrincipal, key: string, connection: Entered): Promise<void> {
    const owner = principalKey(principal);
    const own = this.#present.get(owner) ?? new Map<string, Entered>();
    this.#present.set(owner, own);
    const older = own.get(key);
    own.set(key, connection);
    if (older !== undefined) {
      const text = 'the same client has connected again';
      older.end({ reason: 'taken-over', reasonCode: reasonCode.sessionTakenOver, text });
      await older.gone;
    }
    await this.#farewells.returned(key);
  }

  leave(principal: MqttPrincipal, key: string, connection: Entered): void {
    const owner = principalKey(principal);
    const own = this.#present.get(owner);
    if (own?.get(key) !== connection) return;
    own.delete(key);
    if (own.size === 0) this.#present.delete(owner);
  }

  endAllOf(principal: Pick<MqttPrincipal, 'kind' | 'id'>, ending: Ending): void {
    for (const connection of [...(this.#present.get(principalKey(principal))?.values() ?? [])]) connection.end(ending);
  }
}
