import { type AddressInfo, createServer, type Socket } from 'node:net';
import { generate, type IConnackPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet';

/** For the tests: a broker that says what it is told to say, and keeps what it hears. */
export interface BrokerDouble {
  port: number;
  url: string;
  /** All packets of all connections, in order. */
  heard: Packet[];
  /** How many connections have sent a CONNECT. */
  connections(): number;
  answers: {
    connack: Partial<IConnackPacket>;
    /** Reason code for each filter. */
    granted(filter: string): number;
    /** Whether publishes of the client are acknowledged. */
    takes: boolean;
  };
  send(...packets: Packet[]): void;
  /** Sends QoS 1 publishes with these packet ids; the payload is the id. */
  publish(ids: number[], more?: Partial<IPublishPacket>): void;
  /** Packet ids of the PUBACKs so far. */
  acknowledged(): number[];
  /** Ends the standing connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export const startBrokerDouble = async (protocolVersion: 4 | 5 = 5): Promise<BrokerDouble> => {
  const heard: Packet[] = [];
  const sockets = new Set<Socket>();
  let current: Socket | undefined;
  const answers: BrokerDouble['answers'] = { connack: {}, granted: () => 1, takes: true };
  const write = (packet: Packet): void => void current?.write(generate(packet, { protocolVersion }));
  const answer = (packet: Packet, socket: Socket): void => {
    heard.push(packet);
    if (packet.cmd === 'connect') {
      current = socket;
      write({ cmd: 'connack', sessionPresent: false, reasonCode: 0, returnCode: 0, ...answers.connack });
    } else if (packet.cmd === 'subscribe') {
      const granted = packet.subscriptions.map(({ topic }) => answers.granted(topic));
      write({ cmd: 'suback', messageId: packet.messageId!, granted });
    } else if (packet.cmd === 'publish' && packet.qos === 1 && answers.takes) {
      write({ cmd: 'puback', messageId: packet.messageId! });
    } else if (packet.cmd === 'pingreq') {
      write({ cmd: 'pingresp' });
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = parser({ protocolVersion });
    reader.on('packet', (packet) => answer(packet, socket));
    socket.on('data', (chunk) => void reader.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const send = (...packets: Packet[]): void =>
    void current?.write(Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion }))));
  const publishOf = (messageId: number, more: Partial<IPublishPacket>): IPublishPacket => ({
    ...{ cmd: 'publish', topic: 'xy/v1/harbour-view/gate-1/events', payload: String(messageId) },
    ...{ qos: 1, messageId, dup: false, retain: false, ...more },
  });
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    ...{ heard, answers, send },
    connections: () => heard.filter(({ cmd }) => cmd === 'connect').length,
    publish: (ids, more = {}) => send(...ids.map((id) => publishOf(id, more))),
    acknowledged: () => heard.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId!] : [])),
    cut: () => current?.destroy(),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
};
