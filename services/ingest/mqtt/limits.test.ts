import { describe, expect, test } from '@jest/globals';
import { defaultMqttLimits, mqttLimits } from './limits.ts';

describe('limits', () => {
  test('the defaults fit together', () => {
    expect(mqttLimits()).toEqual(defaultMqttLimits);
  });

  test.each([
    [{ receiveMaximum: 2_000 }, /receiveMaximum < unansweredMax/],
    [{ packetBytesMax: 100 * 1024 * 1024 }, /packetBytesMax <= unansweredBytesMax/],
    [{ packetBytesMax: 1_000 }, /connectPacketBytesMax <= packetBytesMax/],
    [{ lingerTimeoutMs: 9_000 }, /lingerTimeoutMs < shutdownTimeoutMs/],
    [{ unansweredInAllMax: 1_999 }, /unansweredMax <= unansweredInAllMax/],
    [{ unansweredBytesInAllMax: 1_000 }, /unansweredBytesMax <= unansweredBytesInAllMax/],
    [{ keepaliveSecondsMax: 70_000 }, /keepaliveSecondsMax/],
    [{ subscriptionsMax: 0 }, /subscriptionsMax is 0/],
    [{ topicLevelsMax: 1.5 }, /topicLevelsMax is 1.5/],
  ])('%j is refused by name', (overrides, message) => {
    expect(() => mqttLimits(overrides)).toThrow(message);
  });
});
