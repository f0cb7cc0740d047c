import { MqttViolation } from './link.ts';
import { reasonCode } from './reason-codes.ts';

/** Short numbers that a client gave to topics; they end with its connection [MQTT-3.3.2-7]. */
export class TopicAliases {
  readonly #max: number;
  #topics: Map<number, string> | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /** The topic that is meant. Throws `MqttViolation`. */
  resolve(alias: number, topic: string): string {
    if (alias < 1 || alias > this.#max) {
      const text = `the topic alias ${alias} is not between 1 and ${this.#max} [MQTT-3.3.2-8] [MQTT-3.3.2-9]`;
      throw new MqttViolation('protocol-error', reasonCode.topicAliasInvalid, text, topic);
    }
    if (topic !== '') {
      this.#topics ??= new Map();
      this.#topics.set(alias, topic);
      return topic;
    }
    const known = this.#topics?.get(alias);
    if (known !== undefined) return known;
    const text = `the topic alias ${alias} stands for no topic on this connection (3.3.2.3.4)`;
    throw new MqttViolation('protocol-error', reasonCode.protocolError, text);
  }
}
