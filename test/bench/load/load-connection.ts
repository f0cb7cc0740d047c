import { connect, type Socket } from 'node:net';
import { createPacketReader } from './packet-reader.ts';
import {
  connectPacket,
  disconnectPacket,
  type MessageTemplate,
  type PacketTemplate,
  pingPacket,
  publishTemplate,
  setTime,
  writePublish,
} from './packet-writer.ts';

export interface LoadDevice {
  clientId: string;
  username?: string;
  password?: string;
  /** Sent in turn. */
  messages: MessageTemplate[];
  /** Source address, where one alone has too few ports. */
  localAddress?: string;
}

export interface Endpoint {
  host: string;
  port: number;
  mqttVersion: 4 | 5;
  keepaliveSeconds: number;
}

export interface LoadListener {
  acknowledged(connection: LoadConnection, sentMs: number, reasonCode: number): void;
  /** After `open` has resolved; not after `close`. */
  lost(connection: LoadConnection): void;
}

/** Packet ids go round in a circle this long: no client has more in flight towards a hub that announces 1,000. */
const idsMax = 2_048;
export const inFlightMax = 1_000;

/** One client that publishes with QoS 1, many messages in one write. */
export const createLoadConnection = (device: LoadDevice, endpoint: Endpoint, listener: LoadListener) => {
  const templates: PacketTemplate[] = device.messages.map((message) => publishTemplate(message, endpoint.mqttVersion));
  const sentAtMs = new Float64Array(idsMax);
  let socket: Socket | undefined;
  let isOpen = false;
  let nextId = 0;
  let turn = 0;
  let timeText = '';

  const self = {
    inFlight: 0,
    /** Sends what fits of `wanted` messages; answers how many that was. `dueMs(n)` is when the n-th was due. */
    publish(wanted: number, count: number, isoTime: string, dueMs: (nth: number) => number): number {
      const room = Math.min(wanted, inFlightMax - self.inFlight);
      if (!isOpen || room <= 0) return 0;
      if (isoTime !== timeText) {
        timeText = isoTime;
        for (const template of templates) setTime(template, isoTime);
      }
      let bytesNeeded = 0;
      for (let nth = 0; nth < room; nth += 1) bytesNeeded += templates[(turn + nth) % templates.length]!.bytes.length;
      const bytes = Buffer.allocUnsafe(bytesNeeded);
      let at = 0;
      for (let nth = 0; nth < room; nth += 1) {
        sentAtMs[nextId] = dueMs(nth);
        at = writePublish(templates[turn]!, bytes, at, nextId + 1, count + nth);
        nextId = (nextId + 1) % idsMax;
        turn = (turn + 1) % templates.length;
      }
      self.inFlight += room;
      socket!.write(bytes);
      return room;
    },
    ping: (): void => void (isOpen && socket!.write(pingPacket)),
    /** Resolves when the other side has let it in. */
    open: (): Promise<void> =>
      new Promise((resolve, reject) => {
        const { localAddress } = device;
        const opened = connect({ ...endpoint, ...(localAddress === undefined ? {} : { localAddress }) });
        socket = opened;
        self.inFlight = 0;
        opened.setNoDelay(true);
        const read = createPacketReader({
          connected(returnCode) {
            if (returnCode !== 0) {
              opened.destroy(new Error(`${device.clientId} was refused with code ${returnCode}`));
              return;
            }
            isOpen = true;
            resolve();
          },
          acknowledged(packetId, reasonCode) {
            self.inFlight -= 1;
            listener.acknowledged(self, sentAtMs[packetId - 1]!, reasonCode);
          },
        });
        opened.on('data', read);
        opened.once('connect', () => opened.write(connectPacket({ ...endpoint, ...device })));
        opened.once('error', (error) => reject(error));
        opened.once('close', () => {
          reject(new Error(`${device.clientId} was closed before it was let in`));
          if (isOpen && socket === opened) {
            isOpen = false;
            listener.lost(self);
          }
        });
      }),
    /** Says goodbye; `abruptly` leaves without a word. */
    close(abruptly = false): void {
      if (isOpen && !abruptly) socket?.end(disconnectPacket);
      else socket?.destroy();
      isOpen = false;
    },
  };
  return self;
};

export type LoadConnection = ReturnType<typeof createLoadConnection>;
