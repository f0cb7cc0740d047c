import type { IPubackPacket } from 'mqtt-packet';
import type { Ledger, LedgerEntry, Said } from './ledger.ts';
import { createMqttLink } from './mqtt-link.ts';

/** A message before it is said. */
export interface Message extends Said {
  topic: string;
  payload: Buffer;
}

export interface FaultDeviceOptions {
  id: string;
  host?: string;
  /** Asked at every connecting, since a device may be told to use another hub. */
  port(): number;
  credential: { username: string; password: string };
  protocolVersion: 4 | 5;
  ledger: Ledger;
  /** 0 to 1. */
  random: () => number;
  next(): Message;
  /** Messages said and not acknowledged; a device with a small memory has a small one. */
  inFlightMax?: number;
  keepaliveSeconds?: number;
  messagesPerSecond: number;
}

interface InFlight {
  packetId: number;
  message: Message;
  entry: LedgerEntry;
  sentMs: number;
}

/** What a device still wants to say after an outage; the rest it never measured. */
const backlogMax = 200;
const tickMs = 20;
const packetIdMax = 65_535;

const textOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** What was said and not acknowledged, in order; acknowledgements go into the ledger. */
const createInFlight = (id: string, ledger: Ledger) => {
  let waiting: InFlight[] = [];
  let packetId = 0;
  let deaf = false;
  let latencies: number[] | undefined;

  const note = ({ entry, sentMs }: InFlight, packet: IPubackPacket): void => {
    const properties = packet.properties?.userProperties;
    const receipt = textOf(properties?.receipt);
    const deadLetter = textOf(properties?.['dead-letter']);
    entry.acknowledged = {
      reasonCode: packet.reasonCode ?? 0,
      ...(receipt === undefined ? {} : { receipt }),
      ...(deadLetter === undefined ? {} : { deadLetter }),
    };
    latencies?.push(performance.now() - sentMs);
  };

  return {
    all: (): readonly InFlight[] => waiting,
    add(message: Message): InFlight {
      packetId = (packetId % packetIdMax) + 1;
      const { topic: _topic, payload: _payload, ...said } = message;
      const sent = { packetId, message, entry: ledger.say(id, said), sentMs: performance.now() };
      waiting.push(sent);
      return sent;
    },
    acknowledged(packet: IPubackPacket): void {
      const [oldest] = waiting;
      if (deaf) {
        const meant = waiting.find((one) => one.packetId === packet.messageId);
        if (meant !== undefined) note(meant, packet);
      } else if (oldest?.packetId === packet.messageId) {
        waiting.shift();
        note(oldest!, packet);
      } else {
        // Acknowledgements come in the order of the messages [MQTT-4.6.0-2], and each once.
        ledger.violated(`${id}: PUBACK ${packet.messageId}, expected ${oldest?.packetId ?? 'none'}`);
        waiting = waiting.filter((one) => one.packetId !== packet.messageId);
      }
    },
    deafen(now: boolean): void {
      deaf = now;
    },
    measure(): number[] {
      latencies = [];
      return latencies;
    },
  };
};

/**
 * A device as the standard wants it, on its own bytes: QoS 1, a session that lasts, and after every reconnect all that
 * was not acknowledged again, in order, with DUP [MQTT-4.4.0-1]. Notes in the ledger what it says and what it is told.
 */
export const createFaultDevice = (options: FaultDeviceOptions) => {
  const { id, ledger, inFlightMax = 20, keepaliveSeconds = 10, host = '127.0.0.1', messagesPerSecond } = options;
  const inFlight = createInFlight(id, ledger);
  let credit = 0;
  let talking = false;
  let timer: NodeJS.Timeout | undefined;

  const publish = ({ packetId: messageId, message, entry }: InFlight): void => {
    const dup = entry.sends > 0;
    entry.sends += 1;
    const { topic, payload } = message;
    link.write({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId });
  };
  const link = createMqttLink({
    ...{ host, port: options.port, clientId: id, credential: options.credential, random: options.random },
    ...{ protocolVersion: options.protocolVersion, keepaliveSeconds },
    onReady: () => inFlight.all().forEach(publish),
    onPacket: (packet) => {
      if (packet.cmd === 'puback') inFlight.acknowledged(packet);
    },
    onNonsense: (error) => ledger.violated(`${id}: the hub sent what is no MQTT: ${error.message}`),
  });

  const tick = (): void => {
    link.keepAlive();
    if (!talking) return;
    credit = Math.min(backlogMax, credit + (messagesPerSecond * tickMs) / 1_000);
    for (; link.isReady() && credit >= 1 && inFlight.all().length < inFlightMax; credit -= 1) {
      publish(inFlight.add(options.next()));
    }
  };

  return {
    id,
    counts: link.counts,
    open(): void {
      link.open();
      timer = setInterval(tick, tickMs);
    },
    isReady: link.isReady,
    inFlight: (): number => inFlight.all().length,
    talk(now: boolean): void {
      talking = now;
      if (!now) credit = 0;
    },
    /**
     * Deaf, it takes no acknowledgement for one, so that it sends all again after the next reconnect; the ledger knows
     * what it was promised.
     */
    deafen: inFlight.deafen,
    /** Milliseconds from the first sending to the acknowledgement, from now on. */
    measure: inFlight.measure,
    cut: link.cut,
    close(): void {
      clearInterval(timer);
      link.close();
    },
  };
};

export type FaultDevice = ReturnType<typeof createFaultDevice>;
