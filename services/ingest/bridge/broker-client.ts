import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type IClientOptions, type IPublishPacket, MqttClient } from 'mqtt';
import { parser } from 'mqtt-packet';
import { FrameReader } from '../mqtt/frame-reader.ts';
import { readPlainPublish } from '../mqtt/publish-frame.ts';

/** Who takes the messages of one connection. */
export interface PublishTaker {
  /** In receive order, from the first one after the CONNACK on. */
  publish(packet: IPublishPacket): void;
  /** So much is under way that no further packet may be read. */
  congested(): boolean;
}

export interface Reading {
  /** Reads on, once less is under way. */
  resume(): void;
  write(bytes: Buffer): void;
  destroy(): void;
}

/** The protocol can say no more; what the broker lets through is the broker's limit. */
const frameBytesMax = 268_435_460;
const connackType = 2;
const publishType = 3;

/** What `mqtt-packet` makes of a PUBLISH with properties. */
const parsePublish = (frame: Buffer, protocolVersion: number): IPublishPacket => {
  let found: IPublishPacket | undefined;
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet) => {
    if (packet.cmd === 'publish') found = packet;
  });
  reader.on('error', (error: Error) => {
    throw error;
  });
  reader.parse(frame);
  if (found === undefined) throw new Error('the broker sent a PUBLISH that is none');
  return found;
};

const bodyAt = (frame: Buffer): number => {
  let at = 1;
  while ((frame[at]! & 0x80) !== 0) at += 1;
  return at + 1;
};

/**
 * The stream that MQTT.js reads: everything but the PUBLISHes, which go to the taker without a detour. MQTT.js takes
 * them one by one and acknowledges them by itself, before anybody has written anything down.
 */
const divert = (socket: Socket, protocolVersion: number, taker: (reading: Reading) => PublishTaker): Duplex => {
  const frames = new FrameReader(frameBytesMax);
  let connected = false;
  const duplex = new Duplex({
    read() {},
    // A write that fails is told by the socket itself, after what there was to read.
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const take = (frame: Buffer): void => {
    const type = frame[0]! >> 4;
    if (type === publishType && connected) {
      taking.publish(readPlainPublish(frame, protocolVersion) ?? parsePublish(frame, protocolVersion));
      return;
    }
    // The return code stands behind the flags (3.2.2); what is refused brings no messages.
    if (type === connackType) connected = frame[bodyAt(frame) + 1] === 0;
    duplex.push(frame);
  };
  const pump = (): void => {
    if (duplex.destroyed) return;
    try {
      while (!taking.congested()) {
        const frame = frames.next();
        if (frame === undefined) {
          socket.resume();
          return;
        }
        take(frame);
      }
      socket.pause();
    } catch (error) {
      duplex.destroy(error as Error);
    }
  };
  const taking = taker({
    resume: pump,
    write: (bytes) => void (duplex.destroyed || socket.write(bytes)),
    destroy: () => void duplex.destroy(),
  });
  socket.on('data', (chunk: Buffer) => {
    frames.push(chunk);
    pump();
  });
  socket.on('error', (error) => void duplex.destroy(error));
  // The broker's last words, why it ends the connection among them, are read before the end is told.
  duplex.once('end', () => void duplex.destroy());
  socket.on('close', () => void duplex.push(null));
  return duplex;
};

const openSocket = (url: URL): Socket => {
  const isTls = url.protocol === 'mqtts:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (isTls ? 8883 : 1883));
  const socket = isTls
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connectTcp({ host, port });
  socket.setNoDelay(true);
  return socket;
};

export type BrokerOptions = IClientOptions & { protocolVersion: 4 | 5 };

/** An MQTT.js client, as far as everything but received messages goes: those are handed to `taker`, a new one for each connection. */
export const connectDiverted = (
  url: string,
  options: BrokerOptions,
  taker: (reading: Reading) => PublishTaker,
): MqttClient => {
  const address = new URL(url);
  return new MqttClient(() => divert(openSocket(address), options.protocolVersion, taker), {
    protocolId: 'MQTT',
    ...options,
  });
};
