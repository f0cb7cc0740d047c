import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';

/** What a client may say, right and wrong, as bytes. */
const topic = fc.oneof(
  fc.constantFrom('xy/v1/c/gate-1/events', 'xy/v1/c/gate-1/status', 'a/b', '', '$share/g/a', 'a/+/b', '#', 'a/#/b'),
  fc.string({ maxLength: 40 }),
);
const payload = fc.oneof(
  fc.constantFrom('{"type":"gate.passed"}', '', '[]'),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
);
const packetId = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 65_535 }));
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const properties = fc.record(
  {
    topicAlias: fc.integer({ min: 0, max: 40 }),
    messageExpiryInterval: fc.nat(0xffffffff),
    contentType: fc.string({ maxLength: 20 }),
    responseTopic: topic,
    correlationData: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    userProperties: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 }),
    payloadFormatIndicator: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** What a client does that knows the protocol, so that most streams come further than their first packet. */
const goodTopic = fc.constantFrom('xy/v1/c/gate-1/events', 'xy/v1/c/gate-1/status', 'a/b', 'zigbee2mqtt/门磁');
const goodPublish = fc
  .record({ topic: goodTopic, payload, qos, messageId: fc.integer({ min: 1, max: 50 }), retain: fc.boolean() })
  .map((fields) => ({ cmd: 'publish', dup: false, ...fields }) as Packet);
const aliased = fc
  .record({
    topic: goodTopic,
    payload,
    alias: fc.integer({ min: 1, max: 3 }),
    messageId: fc.integer({ min: 1, max: 50 }),
  })
  .map(({ alias, ...fields }) => ({
    ...{ cmd: 'publish', qos: 1, dup: false, retain: false, ...fields, properties: { topicAlias: alias } },
  })) as fc.Arbitrary<Packet>;
const goodRelease = fc
  .integer({ min: 1, max: 50 })
  .map((messageId): Packet => ({ cmd: 'pubrel', messageId, reasonCode: 0 }));
const publish = fc
  .record({ topic, payload, qos, messageId: packetId, dup: fc.boolean(), retain: fc.boolean(), properties })
  .map((fields) => ({ cmd: 'publish', ...fields }) as Packet);
const confirmation = fc
  .record({
    cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const),
    messageId: packetId,
    reasonCode: fc.constantFrom(0, 0x10, 0x80, 0x92),
  })
  .map((fields) => fields as Packet);
const subscribe = fc
  .record({
    messageId: packetId,
    subscriptions: fc.array(
      fc.record({
        topic,
        qos,
        nl: fc.boolean(),
        rap: fc.boolean(),
        rh: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map((fields) => ({ cmd: 'subscribe', ...fields }) as Packet);
const unsubscribe = fc
  .record({ messageId: packetId, unsubscriptions: fc.array(topic, { minLength: 1, maxLength: 4 }) })
  .map((fields) => ({ cmd: 'unsubscribe', ...fields }) as Packet);
const disconnect = fc
  .record({
    reasonCode: fc.constantFrom(0, 4, 0x80),
    properties: fc.record({ sessionExpiryInterval: fc.nat(100) }, { requiredKeys: [] }),
  })
  .map((fields) => ({ cmd: 'disconnect', ...fields }) as Packet);
const odd = fc.constantFrom<Packet>(
  { cmd: 'pingreq' },
  { cmd: 'pingresp' },
  { cmd: 'connack', returnCode: 0, sessionPresent: false },
  { cmd: 'suback', messageId: 1, granted: [0] },
  { cmd: 'auth', reasonCode: 0x18 },
);

const said = fc.oneof(
  { weight: 24, arbitrary: goodPublish },
  { weight: 4, arbitrary: aliased },
  { weight: 6, arbitrary: goodRelease },
  { weight: 6, arbitrary: subscribe },
  { weight: 2, arbitrary: unsubscribe },
  { weight: 2, arbitrary: publish },
  { weight: 1, arbitrary: confirmation },
  { weight: 1, arbitrary: disconnect },
  { weight: 1, arbitrary: odd },
);

const connect = fc.record({
  protocolVersion: fc.constantFrom(3 as const, 4 as const, 5 as const),
  clientId: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('fuzz-a', 'fuzz-b', 'fuzz-c', 'fuzz-d') },
    fc.string({ maxLength: 30 }),
  ),
  clean: fc.boolean(),
  keepalive: fc.nat(65_535),
  password: fc.oneof({ weight: 15, arbitrary: fc.constant('right') }, fc.constant('wrong')),
  will: fc.option(
    fc.record({
      topic: fc.oneof({ weight: 5, arbitrary: goodTopic }, topic),
      payload: payload.map((bytes) => Buffer.from(bytes)),
      qos,
      retain: fc.boolean(),
    }),
    { nil: undefined },
  ),
  properties: fc.record(
    {
      sessionExpiryInterval: fc.nat(0xffffffff),
      receiveMaximum: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 65_535 }) }, fc.constant(0)),
      maximumPacketSize: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 5, max: 100_000 }) }, fc.constant(0)),
      topicAliasMaximum: fc.nat(65_535),
      requestProblemInformation: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
});

export interface Mutation {
  kind: 'flip' | 'cut' | 'insert' | 'repeat';
  /** Where, as a share of the stream. */
  at: number;
  byte: number;
  length: number;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat'),
  // Without the leaning to 0, or nearly every damage would hit the CONNECT.
  at: fc.noBias(fc.double({ min: 0, max: 1, noNaN: true })),
  byte: fc.nat(255),
  length: fc.integer({ min: 1, max: 20 }),
});

const mutate = (bytes: Buffer, { kind, at, byte, length }: Mutation): Buffer => {
  const place = Math.min(bytes.length, Math.floor(at * bytes.length));
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    case 'cut':
      return Buffer.concat([before, after.subarray(length)]);
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), after]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, length), after]);
  }
};

/** `mqtt-packet` refuses to write some of the packets that a client may send; those are left out. */
const encoded = (packet: Packet, protocolVersion: number): Buffer => {
  try {
    return generate(packet, { protocolVersion });
  } catch {
    return Buffer.alloc(0);
  }
};

/** One client's whole stream: a CONNECT, some packets, and sometimes damage; the chunks it is sent in. */
export const stream: fc.Arbitrary<Buffer[]> = fc
  .record({
    connect,
    username: fc.constantFrom('fuzz-1', 'fuzz-2', 'fuzz-3', 'fuzz-4'),
    said: fc.array(said, { minLength: 2, maxLength: 25, size: 'max' }),
    mutations: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Mutation[]>([]) },
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
    ),
    chunkBytes: fc.integer({ min: 1, max: 4_000 }),
  })
  .map(({ connect: { protocolVersion, password, will, ...first }, username, said: packets, mutations, chunkBytes }) => {
    const opening = {
      ...{ cmd: 'connect', protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT', protocolVersion, ...first, username },
      password: Buffer.from(password),
      ...(will === undefined ? {} : { will }),
    } as Packet;
    const whole = Buffer.concat([opening, ...packets].map((packet) => encoded(packet, protocolVersion)));
    const damaged = mutations.reduce(mutate, whole);
    const chunks: Buffer[] = [];
    for (let at = 0; at < damaged.length; at += chunkBytes) chunks.push(damaged.subarray(at, at + chunkBytes));
    return chunks;
  });
