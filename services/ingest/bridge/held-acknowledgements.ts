import type { IPublishPacket } from 'mqtt';
import { type AcknowledgementQueue, createAcknowledgementQueue } from './acknowledgement-queue.ts';
import type { PublishTaker, Reading } from './broker-client.ts';

export interface HoldLimits {
  /** Messages under way to the log; beyond, the socket is not read. QoS 0 counts, which no receive maximum bounds. */
  unansweredMax: number;
  unansweredBytesMax: number;
}

export interface HoldParts {
  /** Resolves when durable. Called in receive order, without waiting for earlier messages. */
  take(packet: IPublishPacket): Promise<void>;
  /** The log could not take a message: the connection is dropped, and the broker sends again what has no PUBACK. */
  dropped(error: unknown, packet: Pick<IPublishPacket, 'topic' | 'qos'>): void;
  limits: HoldLimits;
}

interface Connection {
  readonly reading: Reading;
  readonly acknowledgements: AcknowledgementQueue;
}

/** Hands messages on as they come, and writes each PUBACK after the commit. */
export const holdAcknowledgements = ({ take, dropped, limits }: HoldParts) => {
  let current: Connection | undefined;
  let unanswered = 0;
  let unansweredBytes = 0;
  let stopping = false;

  const congested = (): boolean => unanswered >= limits.unansweredMax || unansweredBytes >= limits.unansweredBytesMax;

  const end = (connection: Connection | undefined): void => {
    connection?.acknowledgements.drop();
    if (current === connection) current = undefined;
  };

  const answered = (bytes: number): void => {
    const wasCongested = congested();
    unanswered -= 1;
    unansweredBytes -= bytes;
    if (wasCongested && !congested()) current?.reading.resume();
  };

  const start = (connection: Connection, packet: IPublishPacket): void => {
    const { acknowledgements, reading } = connection;
    // The packet itself is not kept until the commit.
    const { topic, qos } = packet;
    const settle = qos === 0 ? undefined : acknowledgements.admit(packet.messageId!);
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
          reading.destroy();
          dropped(error, { topic, qos });
        }
        answered(bytes);
      },
    );
  };

  return {
    /** A connection begins: what the one before still owes is void with it [MQTT-4.6.0-2]. */
    begin(reading: Reading): PublishTaker {
      end(current);
      const connection = { reading, acknowledgements: createAcknowledgementQueue(reading.write) };
      current = connection;
      return {
        congested,
        publish(packet) {
          // While stopping nothing new is begun; without a PUBACK the broker keeps it for the next session.
          if (current === connection && !stopping) start(connection, packet);
        },
      };
    },
    /** The connection is over. */
    end: (): void => end(current),
    unanswered: (): number => unanswered,
    /** Takes in nothing more. Resolves when all that was begun is acknowledged, or its connection is gone. */
    stop(): Promise<void> {
      stopping = true;
      return current?.acknowledgements.drained() ?? Promise.resolve();
    },
  };
};

export type HeldAcknowledgements = ReturnType<typeof holdAcknowledgements>;
