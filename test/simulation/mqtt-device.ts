import { generate, type IPubackPacket, type Packet, parser } from 'mqtt-packet';
import type { Credential } from '../../services/registry/credential.ts';
import type { Chance } from './chance.ts';
import type { Ledger, SaidMessage } from './ledger.ts';
import type { Network, Wire } from './network.ts';
import type { Scheduler } from './scheduler.ts';

export interface MqttDeviceParts {
  scheduler: Scheduler;
  chance: Chance;
  network: Network;
  ledger: Ledger;
  credential: Credential;
  protocolVersion: 4 | 5;
  will: { topic: string; payload: Buffer } | undefined;
}

interface InFlight {
  message: SaidMessage;
  packetId: number;
  sent: boolean;
}

const inFlightMax = 20;
const seconds = 1_000;

/** The first of a property that comes once or several times. */
const propertyOf = (packet: IPubackPacket, name: string): string | undefined => {
  const value = packet.properties?.userProperties?.[name];
  return Array.isArray(value) ? value[0] : value;
};

/** What a device has said and not heard the end of, over all its connections. */
const createOutbox = ({ scheduler, protocolVersion }: Pick<MqttDeviceParts, 'scheduler' | 'protocolVersion'>) => {
  const waiting: SaidMessage[] = [];
  let inFlight: InFlight[] = [];
  let nextPacketId = 1;

  const transmit = (wire: Wire, entry: InFlight): void => {
    const { topic, payload, qos, retain } = entry.message;
    const packet = { cmd: 'publish', topic, payload, qos, retain, dup: entry.sent, messageId: entry.packetId } as const;
    entry.sent = true;
    wire.send(generate(packet, { protocolVersion }), (atMs) => entry.message.deliveriesMs.push(atMs));
  };

  return {
    add: (message: SaidMessage): void => void waiting.push(message),
    size: (): number => waiting.length + inFlight.length,
    /** Sends new messages as long as there is room in flight. */
    pump(wire: Wire): void {
      while (waiting.length > 0 && inFlight.length < inFlightMax) {
        const message = waiting.shift()!;
        const entry = { message, packetId: nextPacketId, sent: false };
        if (message.qos === 1) {
          nextPacketId = nextPacketId === 65_535 ? 1 : nextPacketId + 1;
          inFlight.push(entry);
        }
        transmit(wire, entry);
      }
    },
    /** Sends what was not acknowledged on the connections before, with DUP. */
    resend(wire: Wire): void {
      for (const entry of inFlight) transmit(wire, entry);
    },
    acknowledged(packet: IPubackPacket): void {
      const entry = inFlight.find(({ packetId }) => packetId === packet.messageId);
      if (entry === undefined) return;
      inFlight = inFlight.filter((other) => other !== entry);
      const outcome = propertyOf(packet, 'outcome');
      const receipt = propertyOf(packet, 'receipt');
      entry.message.acknowledgement = {
        atMs: scheduler.clock.now(),
        reasonCode: packet.reasonCode ?? 0,
        ...(outcome === undefined ? {} : { outcome }),
        ...(receipt === undefined ? {} : { receipt }),
      };
    },
  };
};

const connectPacket = ({ credential, protocolVersion, will }: MqttDeviceParts): Buffer =>
  generate(
    {
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion, clientId: credential.username },
      ...{ clean: false, keepalive: 0, username: credential.username, password: Buffer.from(credential.password) },
      ...(will === undefined ? {} : { will: { ...will, qos: 1, retain: true } }),
    },
    { protocolVersion },
  );

/**
 * A device's MQTT client, as devices have them: it keeps what was not acknowledged, sends it again with DUP and the same
 * packet identifier on its next connection [MQTT-4.4.0-1], in the order in which it was said.
 */
export const createMqttDevice = (parts: MqttDeviceParts) => {
  const { scheduler, chance, network, ledger, credential, protocolVersion } = parts;
  const outbox = createOutbox(parts);
  let wire: Wire | undefined;
  let isOpen = false;
  let isAway = false;
  let dialling = 0;

  const handle = (packet: Packet, from: Wire): void => {
    if (packet.cmd === 'connack' && (packet.returnCode ?? 0) === 0 && (packet.reasonCode ?? 0) === 0) {
      isOpen = true;
      outbox.resend(from);
    } else if (packet.cmd === 'puback') outbox.acknowledged(packet);
    if (isOpen) outbox.pump(from);
  };

  const dial = (): void => {
    const attempt = ++dialling;
    const reader = parser({ protocolVersion });
    let isNoted = false;
    const note = (what: 'opened' | 'closed', atMs: number): void => {
      ledger.connections.push({ device: credential.username, what, atMs });
    };
    const dialled = network.dial({
      received: (bytes) => void reader.parse(bytes),
      closed() {
        if (attempt !== dialling) return;
        wire = undefined;
        isOpen = false;
        if (!isAway) scheduler.after(chance.between(0.5, chance.hit(0.1) ? 300 : 20) * seconds, redial);
      },
      hubClosed(atMs) {
        if (isNoted) note('closed', atMs);
      },
    });
    reader.on('packet', (packet) => handle(packet, dialled));
    wire = dialled;
    dialled.send(connectPacket(parts), (atMs) => {
      isNoted = true;
      note('opened', atMs);
    });
  };

  const redial = (): void => {
    if (wire === undefined && !isAway) dial();
  };

  return {
    connect: redial,
    say(message: SaidMessage): void {
      ledger.messages.push(message);
      outbox.add(message);
      if (isOpen && wire !== undefined) outbox.pump(wire);
    },
    /** Gone for that long, as in a power cut of the switch; what is said meanwhile is kept and uploaded late. */
    leave(forMs: number, saysGoodbye: boolean): void {
      if (isAway) return;
      isAway = true;
      const left = wire;
      dialling += 1;
      wire = undefined;
      isOpen = false;
      if (left !== undefined && saysGoodbye) left.send(generate({ cmd: 'disconnect' }, { protocolVersion }), () => {});
      left?.close();
      scheduler.after(forMs, () => {
        isAway = false;
        redial();
      });
    },
    unacknowledged: outbox.size,
  };
};

export type MqttDevice = ReturnType<typeof createMqttDevice>;
