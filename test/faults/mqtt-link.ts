import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

export interface MqttLinkOptions {
  host: string;
  /** Asked at every connecting, since a device may be told to use another hub. */
  port(): number;
  clientId: string;
  credential: { username: string; password: string };
  protocolVersion: 4 | 5;
  keepaliveSeconds: number;
  /** 0 to 1. */
  random: () => number;
  /** The hub has let it in; what is written now is on the new connection. */
  onReady(): void;
  onPacket(packet: Packet): void;
  onNonsense(error: Error): void;
}

/** After the end of a connection the next one is tried for so long, a different time each time. */
const pauseMs = { least: 50, more: 350 };

/** A connection that comes back by itself, with a session that lasts, and keeps alive as it promised. */
export const createMqttLink = (options: MqttLinkOptions) => {
  const { protocolVersion, keepaliveSeconds, credential } = options;
  const counts = { connects: 0, ends: 0 };
  let socket: Socket | undefined;
  let ready = false;
  let closed = false;
  let heardMs = 0;
  let pingMs = 0;
  let reconnect: NodeJS.Timeout | undefined;

  const write = (packet: Packet): void => void socket?.write(generate(packet, { protocolVersion }));
  const hello = (): Buffer =>
    generate({
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion, clientId: options.clientId, clean: false },
      keepalive: keepaliveSeconds,
      username: credential.username,
      password: Buffer.from(credential.password),
      ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 3_600 } } : {}),
    });

  const read = (packet: Packet): void => {
    heardMs = performance.now();
    if (packet.cmd === 'connack') {
      const code = packet.reasonCode ?? packet.returnCode ?? 0;
      if (code !== 0) return void socket?.destroy();
      counts.connects += 1;
      ready = true;
      options.onReady();
    } else if (packet.cmd === 'publish' && packet.qos === 1) write({ cmd: 'puback', messageId: packet.messageId! });
    else if (packet.cmd === 'disconnect') socket?.destroy();
    else options.onPacket(packet);
  };

  const open = (): void => {
    if (closed) return;
    const own = connect({ port: options.port(), host: options.host, noDelay: true });
    socket = own;
    heardMs = performance.now();
    const packets = parser({ protocolVersion });
    packets.on('packet', read);
    packets.on('error', (error: Error) => {
      options.onNonsense(error);
      own.destroy();
    });
    own.on('connect', () => own.write(hello()));
    own.on('data', (chunk) => void packets.parse(chunk));
    own.on('error', () => undefined);
    own.on('close', () => {
      if (ready) counts.ends += 1;
      ready = false;
      socket = undefined;
      if (!closed) reconnect = setTimeout(open, pauseMs.least + options.random() * pauseMs.more);
    });
  };

  return {
    counts: counts as Readonly<typeof counts>,
    /** Connects, and goes on connecting until `close`. */
    open,
    write,
    isReady: (): boolean => ready,
    /** To be called often: pings, and gives up a hub that says nothing for too long. */
    keepAlive(): void {
      const nowMs = performance.now();
      if (socket !== undefined && nowMs - heardMs > keepaliveSeconds * 1_500) return void socket.destroy();
      if (!ready || nowMs - pingMs <= keepaliveSeconds * 500) return;
      pingMs = nowMs;
      write({ cmd: 'pingreq' });
    },
    /** As by a tug at the plug: no DISCONNECT, and it comes back by itself. */
    cut: (): void => void socket?.destroy(),
    close(): void {
      closed = true;
      clearTimeout(reconnect);
      if (ready) write({ cmd: 'disconnect' });
      socket?.destroySoon();
    },
  };
};
