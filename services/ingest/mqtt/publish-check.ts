import type { IPublishPacket } from 'mqtt-packet';
import { isTopicName } from '../../../devices/topic-filter.ts';
import { MqttViolation } from './link.ts';
import { reasonCode } from './reason-codes.ts';
import type { TopicAliases } from './topic-aliases.ts';

/** U+FFFD stands where the bytes were no UTF-8 [MQTT-1.5.4-1]. */
export const isWellFormed = (text: string): boolean => !text.includes('\ufffd') && !text.includes('\0');

const violation = (code: number, text: string, topic?: string): MqttViolation =>
  new MqttViolation(
    code === reasonCode.malformedPacket
      ? 'malformed-packet'
      : code === reasonCode.topicNameInvalid
        ? 'topic-invalid'
        : 'protocol-error',
    code,
    text,
    topic,
  );

/** `mqtt-packet` marks a property cut short with `null` or -1 and a property sent twice with an array. */
const checkProperties = (properties: NonNullable<IPublishPacket['properties']>): void => {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === -1 || value === false || value === undefined) {
      if (name === 'payloadFormatIndicator' && value === false) continue;
      throw violation(reasonCode.malformedPacket, `the property ${name} is cut short`);
    }
    if (Array.isArray(value)) throw violation(reasonCode.protocolError, `the property ${name} is there twice`);
  }
  if (properties.subscriptionIdentifier !== undefined) {
    throw violation(reasonCode.protocolError, 'a client sends no subscription identifier in PUBLISH [MQTT-3.3.4-6]');
  }
};

/**
 * Throws `MqttViolation` for a PUBLISH that breaks the protocol; what it says is the application's to judge. Puts the
 * topic in the place of its alias.
 */
export const checkPublish = (packet: IPublishPacket, aliases: TopicAliases): void => {
  if (packet.properties !== undefined) {
    checkProperties(packet.properties);
    const { topicAlias } = packet.properties;
    if (topicAlias !== undefined) packet.topic = aliases.resolve(topicAlias, packet.topic);
  }
  const { topic } = packet;
  if (packet.qos > 0) {
    if (packet.messageId === undefined || packet.messageId < 1) {
      throw violation(reasonCode.protocolError, 'a packet identifier is not 0 [MQTT-2.2.1-3]', topic);
    }
  } else if (packet.dup) {
    throw violation(reasonCode.malformedPacket, 'DUP is 0 for QoS 0 [MQTT-3.3.1-2]', topic);
  }
  if (!isWellFormed(topic)) {
    throw violation(reasonCode.malformedPacket, 'the topic is no well-formed UTF-8 [MQTT-1.5.4-1]', topic);
  }
  if (!isTopicName(topic)) {
    throw violation(
      reasonCode.topicNameInvalid,
      topic === '' ? 'the topic is empty [MQTT-4.7.3-1]' : 'a topic has no wildcards [MQTT-3.3.2-2]',
      topic,
    );
  }
};

/** Why a topic is beyond the hub's limits, though the protocol allows it. */
export const topicExcess = (
  topic: string,
  limits: { topicBytesMax: number; topicLevelsMax: number },
): string | undefined => {
  // UTF-8 takes at most three bytes for a UTF-16 unit, so short topics need no counting.
  if (topic.length * 3 > limits.topicBytesMax && Buffer.byteLength(topic) > limits.topicBytesMax) {
    return `the topic takes more than ${limits.topicBytesMax} bytes`;
  }
  let levels = 1;
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) levels += 1;
  return levels > limits.topicLevelsMax ? `the topic has more than ${limits.topicLevelsMax} levels` : undefined;
};
