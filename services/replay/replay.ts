import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient, Packet } from 'mqtt';
import {
  connectMqtt,
  type HubClient,
  HubRefused,
  registerOnce,
  registerWithCredential,
  until,
} from '../client/hub-client.ts';
import { dialectOf, gatewayOf, qosOf, type ReplayEntry, replayIndex, retainOf, topicOf } from './replay-list.ts';

const compound = { id: 'replay', name: 'Replay 回放', profile: 'retrofit', households: 1 };

export interface Replayed {
  entry: ReplayEntry;
  topic: string;
  /** `sent`: QoS 0, which has no acknowledgement; the hub's counters tell. */
  outcome: string;
  reason: string;
}

export interface Account {
  sent: number;
  recorded: number;
  noOp: number;
  refused: number;
}

export interface ReplayReport {
  messages: Replayed[];
  byEcosystem: Map<string, Account>;
}

interface Messages {
  recorded: number;
  noOp: Record<string, number>;
  refused: Record<string, number>;
}

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const countsOf = async (hub: HubClient, gateway: string): Promise<Account> => {
  const { messages } = await hub.get<{ messages: Messages }>(`/api/devices/${gateway}`);
  return { sent: 0, recorded: messages.recorded, noOp: sum(messages.noOp), refused: sum(messages.refused) };
};

/** A gateway bound to the ecosystem's dialect, or to none where the hub speaks none of that name. */
const registerGateway = async (hub: HubClient, ecosystem: string) => {
  const gateway = { id: gatewayOf(ecosystem), compound: compound.id, kind: 'gateway', name: `Replay ${ecosystem}` };
  try {
    return await registerWithCredential(hub, { ...gateway, dialect: dialectOf(ecosystem) } as { id: string });
  } catch (error) {
    if (!(error instanceof HubRefused) || error.code !== 'device.not-fitting') throw error;
    return registerWithCredential(hub, { ...gateway, dialect: 'auto' } as { id: string });
  }
};

interface Acknowledgement {
  reasonCode?: number;
  properties?: { reasonString?: string; userProperties?: Record<string, string | string[]> };
}

/** MQTT.js gives a publish's callback no PUBACK, so the newest PUBACK or PUBREC of each packet id is kept here. */
const acknowledgementsOf = (client: MqttClient): Map<number, Acknowledgement> => {
  const newest = new Map<number, Acknowledgement>();
  client.on('packetreceive', (packet: Packet) => {
    if (packet.cmd === 'puback' || packet.cmd === 'pubrec') newest.set(packet.messageId!, packet as Acknowledgement);
  });
  return newest;
};

const publish = async (
  client: MqttClient,
  acknowledgements: ReadonlyMap<number, Acknowledgement>,
  topic: string,
  payload: Buffer,
  entry: ReplayEntry,
): Promise<[outcome: string, reason: string]> => {
  const qos = qosOf(entry);
  const messageId = await new Promise<number | undefined>((resolve, reject) => {
    client.publish(topic, payload, { qos, retain: retainOf(entry) }, (error, packet) =>
      // A refusal comes as an error too, but with its packet.
      error && packet === undefined
        ? reject(error)
        : resolve((packet as { messageId?: number } | undefined)?.messageId),
    );
  });
  if (qos === 0) return ['sent', ''];
  const { reasonCode = 0, properties = {} } = acknowledgements.get(messageId!) ?? {};
  const said = properties.userProperties ?? {};
  return reasonCode >= 0x80
    ? ['refused', `${said.code ?? reasonCode}: ${properties.reasonString ?? ''}`]
    : [String(said.outcome ?? 'recorded'), String(said.reason ?? '')];
};

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
};

/**
 * Publishes every payload that `<folder>/index.json` lists over real MQTT connections, one gateway credential per
 * ecosystem, and holds what the hub says became of them against what was sent. Throws when the two don't add up.
 */
export const replay = async (hub: HubClient, mqttUrl: string, folder: string): Promise<ReplayReport> => {
  const index = replayIndex.parse(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')));
  await registerOnce(hub, '/api/compounds', compound);
  const messages: Replayed[] = [];
  const byEcosystem = new Map<string, Account>();
  for (const ecosystem of new Set(index.map((entry) => entry.ecosystem))) {
    const credential = await registerGateway(hub, ecosystem);
    const gateway = gatewayOf(ecosystem);
    const before = await countsOf(hub, gateway);
    const client = await connectMqtt(mqttUrl, credential);
    const acknowledgements = acknowledgementsOf(client);
    let sent = 0;
    for (const entry of index.filter((candidate) => candidate.ecosystem === ecosystem)) {
      const payload = await readFile(join(folder, entry.file));
      const topic = topicOf(entry, parsed(payload));
      const [outcome, reason] = await publish(client, acknowledgements, topic, payload, entry);
      messages.push({ entry, topic, outcome, reason });
      sent += 1;
    }
    let now = before;
    await until(20, `what became of ${sent} messages of ${ecosystem}`, async () => {
      now = await countsOf(hub, gateway);
      return now.recorded + now.noOp + now.refused - before.recorded - before.noOp - before.refused === sent;
    });
    byEcosystem.set(ecosystem, {
      sent,
      recorded: now.recorded - before.recorded,
      noOp: now.noOp - before.noOp,
      refused: now.refused - before.refused,
    });
    await client.endAsync();
  }
  return { messages, byEcosystem };
};
