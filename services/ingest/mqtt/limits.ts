/** Every bound of the endpoint, the unit last in each name. */
export const defaultMqttLimits = {
  connectionsMax: 50_000,
  /** Of one credential, under different client identifiers. */
  connectionsPerPrincipalMax: 1_000,
  /** From the accepted connection to its CONNECT. */
  connectTimeoutMs: 10_000,
  /** From the accepted connection to the CONNACK: longer than clients wait, for who is turned away comes back and costs as much again. */
  letInTimeoutMs: 60_000,
  /** How long a closing connection is still read, so that the client gets to see the DISCONNECT before a reset. */
  lingerTimeoutMs: 2_000,
  shutdownTimeoutMs: 5_000,
  /** Announced in MQTT 5. A larger packet is refused by its header, unread. */
  packetBytesMax: 8 * 1024 * 1024,
  /** Before anybody has proved who they are. */
  connectPacketBytesMax: 128 * 1024,
  clientIdBytesMax: 256,
  /** Announced in MQTT 5: QoS 1 and 2 messages sent and not yet acknowledged. */
  receiveMaximum: 1_000,
  /** Messages of any QoS under way to the log; above it the socket isn't read. */
  unansweredMax: 2_000,
  unansweredBytesMax: 16 * 1024 * 1024,
  /** The same over all connections; above it no PUBLISH is read, pings and acknowledgements are. */
  unansweredInAllMax: 10_000,
  unansweredBytesInAllMax: 64 * 1024 * 1024,
  /** QoS 2 packet ids that wait for their PUBREL. */
  awaitingReleaseMax: 4_000,
  /** Messages over the sender's quota that wait; above it the socket isn't read. */
  throttledMax: 500,
  throttledBytesMax: 1024 * 1024,
  /** The same over all connections; above it nobody who has some waiting is read. */
  throttledInAllMax: 20_000,
  throttledBytesInAllMax: 64 * 1024 * 1024,
  /** Announced in MQTT 5. */
  topicAliasMax: 32,
  topicBytesMax: 1_024,
  topicLevelsMax: 32,
  subscriptionsMax: 50,
  outboundInflightMax: 100,
  /** QoS 1 messages that wait for room in flight; a subscriber that lets them pile up is disconnected. */
  outboundQueueMax: 1_000,
  /** Bytes handed to the socket that the client has not taken. */
  outboundBufferBytesMax: 4 * 1024 * 1024,
  /** In MQTT 5 the endpoint shortens a longer keepalive, or none, to this: a lost device is to be noticed. */
  keepaliveSecondsMax: 1_200,
  willDelaySecondsMax: 300,
  /** What "never expires", and a 3.1.1 session that isn't clean, is shortened to. */
  sessionExpirySecondsMax: 7 * 24 * 3_600,
  /** Sessions of clients that are away. */
  sessionsKeptMax: 100_000,
  sessionsPerPrincipalMax: 20,
  /** Messages in memory for clients that are away, over all of them. */
  heldBytesMax: 128 * 1024 * 1024,
};

export type MqttLimits = typeof defaultMqttLimits;

/** What must hold between the limits, each with the reason why. */
const relations: readonly [holds: (limits: MqttLimits) => boolean, text: string][] = [
  [
    (limits) => limits.receiveMaximum < limits.unansweredMax,
    'receiveMaximum < unansweredMax: a client that exceeds its quota must be read to be told so',
  ],
  [(limits) => limits.receiveMaximum <= 65_535, 'receiveMaximum <= 65535: it is a two byte integer'],
  [
    (limits) => limits.receiveMaximum <= limits.awaitingReleaseMax,
    'receiveMaximum <= awaitingReleaseMax: what is announced must be kept',
  ],
  [(limits) => limits.packetBytesMax <= 268_435_455, 'packetBytesMax <= 268435455: the protocol can say no more'],
  [
    (limits) => limits.connectPacketBytesMax <= limits.packetBytesMax,
    'connectPacketBytesMax <= packetBytesMax: strangers get less',
  ],
  [
    (limits) => limits.packetBytesMax <= limits.unansweredBytesMax,
    'packetBytesMax <= unansweredBytesMax: one packet must fit',
  ],
  [
    (limits) => limits.unansweredMax <= limits.unansweredInAllMax,
    'unansweredMax <= unansweredInAllMax: what one client may send must find room',
  ],
  [
    (limits) => limits.unansweredBytesMax <= limits.unansweredBytesInAllMax,
    'unansweredBytesMax <= unansweredBytesInAllMax: what one client may send must find room',
  ],
  [
    (limits) => limits.throttledMax <= limits.throttledInAllMax,
    'throttledMax <= throttledInAllMax: what may wait of one client must find room',
  ],
  [
    (limits) => limits.throttledBytesMax <= limits.throttledBytesInAllMax,
    'throttledBytesMax <= throttledBytesInAllMax: what may wait of one client must find room',
  ],
  [(limits) => limits.topicBytesMax <= 65_535, 'topicBytesMax <= 65535: the length of a string is a two byte integer'],
  [(limits) => limits.outboundInflightMax <= 65_535, 'outboundInflightMax <= 65535: there are no more packet ids'],
  [(limits) => limits.topicAliasMax <= 65_535, 'topicAliasMax <= 65535: it is a two byte integer'],
  [(limits) => limits.keepaliveSecondsMax <= 65_535, 'keepaliveSecondsMax <= 65535: it is a two byte integer'],
  [
    (limits) => limits.connectTimeoutMs <= limits.letInTimeoutMs,
    'connectTimeoutMs <= letInTimeoutMs: who has said its part is not sent away before who has not',
  ],
  [
    (limits) => limits.lingerTimeoutMs < limits.shutdownTimeoutMs,
    'lingerTimeoutMs < shutdownTimeoutMs: a shutdown says goodbye within its time',
  ],
];

/** Throws a `RangeError` that names the relation which doesn't hold. */
export const mqttLimits = (overrides: Partial<MqttLimits> = {}): MqttLimits => {
  const limits = { ...defaultMqttLimits, ...overrides };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is ${value}: a limit is a whole number`);
  }
  for (const [holds, text] of relations) {
    if (!holds(limits)) throw new RangeError(`the limits don't fit together: ${text}`);
  }
  return limits;
};
