import type { IPublishPacket, MqttClient } from 'mqtt';
import { type AcknowledgementQueue, createAcknowledgementQueue } from './acknowledgement-queue.ts';

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

interface Connection {
  readonly stream: MqttClient['stream'];
  readonly acknowledgements: AcknowledgementQueue;
}

/** Given to MQTT.js as an error, it makes it leave out the PUBACK and go on with the next packet. */
const withheld = new Error('the acknowledgement is written after the commit');

const connectionOf = (stream: MqttClient['stream']): Connection => ({
  stream,
  acknowledgements: createAcknowledgementQueue((bytes) => void stream.write(bytes)),
});

/**
 * Takes the PUBACK away from MQTT.js, which would send it without waiting for anybody, and writes it after the commit.
 * Stands on two habits of the pinned MQTT.js: a `handleMessage` that fails sends no PUBACK and stops nothing, and
 * `packetreceive` tells of a CONNACK before any message behind it. A test fails when they change.
 */
export const holdAcknowledgements = (client: MqttClient, { take, dropped, limits }: HoldParts) => {
  let current: Connection | undefined;
  let unanswered = 0;
  let unansweredBytes = 0;
  let stopping = false;
  let resume: (() => void) | undefined;

  const end = (connection: Connection | undefined): void => {
    connection?.acknowledgements.drop();
    if (current === connection) current = undefined;
  };

  const answered = (bytes: number): void => {
    unanswered -= 1;
    unansweredBytes -= bytes;
    const goOn = resume;
    resume = undefined;
    goOn?.();
  };

  const start = (connection: Connection, packet: IPublishPacket): void => {
    const { acknowledgements, stream } = connection;
    const settle = packet.qos === 0 ? undefined : acknowledgements.admit(packet.messageId!);
    const bytes = packet.payload.length;
    unanswered += 1;
    unansweredBytes += bytes;
    take(packet).then(
      () => {
        settle?.();
        answered(bytes);
      },
      (error: unknown) => {
        if (!acknowledgements.isDropped()) {
          end(connection);
          stream.destroy();
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
    current = connectionOf(client.stream);
  });
  client.on('close', () => end(current));

  return {
    unanswered: (): number => unanswered,
    /** Takes in nothing more. Resolves when all that was begun is acknowledged, or its connection is gone. */
    stop(): Promise<void> {
      stopping = true;
      return current?.acknowledgements.drained() ?? Promise.resolve();
    },
  };
};

export type HeldAcknowledgements = ReturnType<typeof holdAcknowledgements>;
