import type { MqttClient } from 'mqtt';
import { type SimulatedMessage, statusMessage } from '../../devices/simulator.ts';
import { connectMqtt } from '../client/hub-client.ts';
import type { Credential } from '../registry/credential.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { historyOf, pastWeeksOf } from './history.ts';
import { inParallel } from './in-parallel.ts';
import { type Puppet, puppetOf } from './puppet.ts';
import { createRandom } from './random.ts';
import type { StoryAct } from './story.ts';
import type { DemoDevice, Player } from './world.ts';

const connectingAtOnce = 8;
const uploadingAtOnce = 2;
const reconnectMs = 1000;
const tickMs = 200;
/** Each device is stepped at every so many ticks, so that a hundred of them don't all speak in the same second. */
const ticksPerRound = 15;

interface Member {
  compound: string;
  address: string;
  client: MqttClient;
  puppet: Puppet | undefined;
  /** Nothing for a gateway, which only carries what others say. */
  player: Player | undefined;
  /** A story plays on it. */
  held: boolean;
}

export interface FleetParts {
  mqttUrl: string;
  devices: readonly DemoDevice[];
  credentials: ReadonlyMap<string, Credential>;
  /** Compounds whose devices have a past to tell. */
  fresh: ReadonlySet<string>;
  random: () => number;
  clock: Clock;
  logger: Logger;
  /** How many hours' happenings take place in one hour. */
  pace: number;
}

const addressOf = ({ registration }: DemoDevice): string => `xy/v1/${registration.compound}/${registration.id}`;

const connectAll = async ({ mqttUrl, devices, credentials, logger }: FleetParts): Promise<Map<string, MqttClient>> => {
  const clients = new Map<string, MqttClient>();
  const own = devices.filter(({ player, registration }) => player !== 'nobody' && registration.gateway === undefined);
  await inParallel(own, connectingAtOnce, async (device) => {
    const { id } = device.registration;
    const will = { topic: `${addressOf(device)}/status`, payload: Buffer.from('offline') };
    const client = await connectMqtt(mqttUrl, credentials.get(id)!, will);
    client.on('error', (error) => logger.debug({ err: error, device: id }, 'a device of the demo lost its connection'));
    clients.set(id, client);
  });
  return clients;
};

const membersOf = ({ devices, pace }: FleetParts, clients: ReadonlyMap<string, MqttClient>): Map<string, Member> => {
  const members = new Map<string, Member>();
  for (const device of devices) {
    const { id, gateway, compound } = device.registration;
    const client = clients.get(gateway ?? id);
    if (device.player === 'nobody' || client === undefined) continue;
    const player = device.player === 'gateway' ? undefined : device.player;
    const puppet = player && puppetOf(player, { speed: pace });
    members.set(id, { compound, address: addressOf(device), client, player, puppet, held: false });
  }
  return members;
};

const tellHistory = async ({ fresh, random, clock }: FleetParts, everyone: readonly Member[]): Promise<void> => {
  const nowMs = clock.now();
  await inParallel(everyone, connectingAtOnce, async ({ compound, puppet, address, client }) => {
    if (puppet === undefined || !fresh.has(compound)) return;
    for (const { topicSuffix, payload, qos } of historyOf(puppet, nowMs, random)) {
      await client.publishAsync(`${address}/${topicSuffix}`, payload, { qos });
    }
  });
};

/** Uploads the weeks before while the devices live already, a few at once, so that nobody waits for it. */
const uploadWeeks = async (
  { fresh, random, clock }: FleetParts,
  everyone: readonly Member[],
  signal: AbortSignal,
): Promise<void> => {
  const nowMs = clock.now();
  await inParallel(everyone, uploadingAtOnce, async ({ compound, player, address, client }) => {
    if (player === undefined || !fresh.has(compound)) return;
    for (const { topicSuffix, payload, qos } of pastWeeksOf(player, nowMs, random)) {
      if (signal.aborted) return;
      await client.publishAsync(`${address}/${topicSuffix}`, payload, { qos });
    }
  });
};

const cut = ({ client }: Member): void => {
  client.options.reconnectPeriod = 0;
  client.stream.destroy();
};

/** The imaginary devices and their real MQTT connections, one each but for those beneath a gateway. */
export const startFleet = async (parts: FleetParts) => {
  const { random, clock, logger } = parts;
  const clients = await connectAll(parts);
  const members = membersOf(parts, clients);
  const everyone = [...members.values()];
  await tellHistory(parts, everyone);

  const publish = ({ address, client }: Member, messages: readonly SimulatedMessage[]): void => {
    for (const { topicSuffix, payload, qos, retain } of messages) {
      const topic = `${address}/${topicSuffix}`;
      client.publish(topic, payload, { qos, retain }, (error) => {
        if (error) logger.info({ topic, reason: error.message }, 'the hub did not take what a device of the demo said');
      });
    }
  };

  let tick = 0;
  const step = (): void => {
    const nowMs = clock.now();
    for (let index = tick % ticksPerRound; index < everyone.length; index += ticksPerRound) {
      const member = everyone[index]!;
      if (!member.held && member.puppet !== undefined) publish(member, member.puppet.step({ nowMs, random }));
    }
    tick += 1;
  };
  const timer = setInterval(step, tickMs);
  const leaving = new AbortController();
  // The weeks have dice of their own: how fast they are taken must not change what happens next.
  const uploading = uploadWeeks({ ...parts, random: createRandom(everyone.length) }, everyone, leaving.signal);
  uploading.catch((error) => logger.info({ err: error }, 'the weeks before the demo were not all uploaded'));

  const memberOf = (device: string): Member => {
    const member = members.get(device);
    if (member === undefined) throw new Error(`${device} does not speak in this demo`);
    return member;
  };

  return {
    connections: clients.size,
    say: (device: string, messages: readonly SimulatedMessage[]): void => publish(memberOf(device), messages),
    /** One step of the story. */
    act(device: string, act: StoryAct, hold: 'begin' | 'end' | undefined): void {
      const member = memberOf(device);
      const nowMs = clock.now();
      if (hold === 'begin') member.held = true;
      if (act.do === 'say') publish(member, act.messages(nowMs));
      else if (act.do === 'cut') cut(member);
      else {
        member.client.options.reconnectPeriod = reconnectMs;
        member.client.reconnect();
        publish(member, [statusMessage('online')]);
      }
      if (hold === 'end') {
        member.puppet?.skipTo(nowMs);
        member.held = false;
      }
    },
    /** Every device says goodbye, so that the end of the demo is no fault of a hundred devices. */
    async goodbye(): Promise<void> {
      clearInterval(timer);
      leaving.abort();
      await Promise.all([...clients.values()].map((client) => client.endAsync(!client.connected)));
    },
  };
};

export type Fleet = Awaited<ReturnType<typeof startFleet>>;
