import type { IPublishPacket, MqttClient } from 'mqtt';

export interface HoldLimits {
  /** Messages under way to the log; beyond, the socket is not read. QoS 0 counts, which no receive maximum bounds. */
  unansweredMax: number;
  unansweredBytesMax: number;
}

export interface HoldParts {
  /** Resolves when durable. Called in receive order, without waiting for earlier messages. */
  take(packet: IPublishPacket): Promise<void>;
  /** The log could not take a message: the connection is dropped, and the broker sends again what has no PUBACK. */
  dropped(error: unknown, packet: IPublishPacket): void;
  limits: HoldLimits;
}

/** A message that waits for its PUBACK. */
interface Awaiting {
  readonly packetId: number;
  settled: boolean;
}

/** What belongs to one network connection: packet ids are void on the next one. */
interface Connection {
  readonly stream: MqttClient['stream'];
  /** In receive order. */
  awaiting: Awaiting[];
  flushDue: boolean;
  over: boolean;
}

/** Given to MQTT.js as an error, it makes it leave out the PUBACK and go on with the next packet. */
const withheld = new Error('the acknowledgement is written after the commit');

const pubackOf = ({ packetId }: Awaiting): number[] => [0x40, 2, packetId >> 8, packetId & 0xff];

/**
 * Takes the PUBACK away from MQTT.js, which would send it without waiting for anybody, and writes it after the commit,
 * in receive order [MQTT-4.6.0-2]. Stands on two habits of the pinned MQTT.js: `handleMessage` that fails sends no
 * PUBACK, and `packetreceive` tells of a CONNACK before any message behind it. A test fails when they change.
 */
export const holdAcknowledgements = (client: MqttClient, { take, dropped, limits }: HoldParts) => {
  let current: Connection | undefined;
  let unanswered = 0;
  let unansweredBytes = 0;
  let stopping = false;
  let resume: (() => void) | undefined;
  let idle: (() => void) | undefined;

  const end = (connection: Connection | undefined): void => {
    if (connection === undefined) return;
    connection.over = true;
    connection.awaiting = [];
    if (current === connection) current = undefined;
    idle?.();
  };

  const flush = (connection: Connection): void => {
    connection.flushDue = false;
    const first = connection.awaiting.findIndex(({ settled }) => !settled);
    const due = connection.awaiting.splice(0, first === -1 ? connection.awaiting.length : first);
    if (due.length > 0) connection.stream.write(Buffer.from(due.flatMap(pubackOf)));
    if (connection.awaiting.length === 0) idle?.();
  };

  const answered = (bytes: number): void => {
    unanswered -= 1;
    unansweredBytes -= bytes;
    const go = resume;
    resume = undefined;
    go?.();
  };

  const start = (connection: Connection, packet: IPublishPacket): void => {
    const awaiting = packet.qos === 0 ? undefined : { packetId: packet.messageId!, settled: false };
    if (awaiting !== undefined) connection.awaiting.push(awaiting);
    const bytes = packet.payload.length;
    unanswered += 1;
    unansweredBytes += bytes;
    take(packet).then(
      () => {
        if (awaiting !== undefined) awaiting.settled = true;
        // One write for all that one group commit settles.
        if (awaiting !== undefined && !connection.over && !connection.flushDue) {
          connection.flushDue = true;
          setImmediate(flush, connection);
        }
        answered(bytes);
      },
      (error: unknown) => {
        if (!connection.over) {
          end(connection);
          connection.stream.destroy();
          dropped(error, packet);
        }
        answered(bytes);
      },
    );
  };

  client.handleMessage = (packet, callback) => {
    // While stopping nothing new is begun; without a PUBACK the broker keeps it for the next session.
    if (current !== undefined && !stopping) start(current, packet);
    const goOn = (): void => callback(withheld);
    const congested = unanswered >= limits.unansweredMax || unansweredBytes >= limits.unansweredBytesMax;
    if (congested) resume = goOn;
    else goOn();
  };
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'connack' || (packet.reasonCode ?? packet.returnCode ?? 0) !== 0) return;
    end(current);
    current = { stream: client.stream, awaiting: [], flushDue: false, over: false };
  });
  client.on('close', () => end(current));

  return {
    unanswered: (): number => unanswered,
    /** Takes in nothing more. Resolves when all that was begun is acknowledged, or its connection is gone. */
    stop(): Promise<void> {
      stopping = true;
      if (current === undefined || current.awaiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        idle = resolve;
      });
    },
  };
};

export type HeldAcknowledgements = ReturnType<typeof holdAcknowledgements>;
