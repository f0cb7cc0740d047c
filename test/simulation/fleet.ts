import type { Credential } from '../../services/registry/credential.ts';
import type { Chance } from './chance.ts';
import { type Beneath, createChirpstack, createZigbeeGateway } from './dialect-speakers.ts';
import type { Ledger } from './ledger.ts';
import { createMqttDevice, type MqttDevice } from './mqtt-device.ts';
import type { Network } from './network.ts';
import { createOcppGateway } from './ocpp-speaker.ts';
import type { Scheduler } from './scheduler.ts';
import { createCanonicalSpeaker, type Speaker } from './speaker.ts';
import type { WorldCompound, WorldDevice } from './world.ts';

interface FleetParts {
  scheduler: Scheduler;
  chance: Chance;
  network: Network;
  ledger: Ledger;
  isOver(): boolean;
}

const seconds = 1_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What is wrong with a device's clock, in milliseconds; most are right. */
const clockErrorMs = (chance: Chance): number => {
  if (chance.hit(0.8)) return 0;
  return chance.pick([90_000, 90_000, -40_000, -40_000, -3 * hourMs, 20 * minuteMs, -20_000 * 24 * hourMs]);
};

const beneathOf = ({ devices }: WorldCompound, gateway: string): (Beneath & { features: string[] })[] =>
  devices
    .filter(({ registration }) => registration.gateway === gateway)
    .map(({ registration: { id, externalId, features } }) => ({
      ...{ device: id, externalId: externalId!, features },
      name: `room/${externalId}`,
    }));

const speakerOf = (compound: WorldCompound, { registration, plays }: WorldDevice, chance: Chance): Speaker => {
  const { id } = registration;
  if (typeof plays === 'object') {
    return createCanonicalSpeaker({ id, compound: registration.compound, player: plays }, chance);
  }
  const beneath = beneathOf(compound, id);
  if (plays === 'chirpstack') return createChirpstack(beneath, chance);
  if (plays === 'ocpp') return createOcppGateway(beneath, chance);
  const { unregistered: externalId } = compound;
  const climate = { device: `${id}/${externalId}`, externalId, name: 'lobby thermometer' };
  return createZigbeeGateway(id, { smoke: beneath, climate: [climate] }, chance);
};

/** Carries what a speaker says over one connection, and goes away with it for hours now and then. */
const play = (parts: FleetParts, speaker: Speaker, id: string, device: MqttDevice, errorMs: number): void => {
  const { scheduler, chance, ledger, isOver } = parts;
  /** A bad contact: away for moments, again and again. */
  const flap = (times: number): void => {
    if (times === 0 || isOver()) return;
    const awayMs = chance.between(5, 90) * seconds;
    device.leave(awayMs, false);
    scheduler.after(awayMs + chance.between(20, 240) * seconds, () => flap(times - 1));
  };
  const step = (): void => {
    if (isOver()) return;
    const nowMs = scheduler.clock.now();
    for (const saying of speaker.step(nowMs + errorMs)) {
      device.say({
        ...{ ...saying, number: ledger.messages.length, sender: id, dialect: speaker.dialect },
        ...{ saidAtMs: nowMs, deliveriesMs: [] },
      });
    }
    if (chance.hit(0.0007)) flap(chance.whole(3, 9));
    if (chance.hit(0.001)) device.leave(chance.between(0.2, 30) * hourMs, chance.hit(0.4));
    scheduler.after(chance.between(1, 5) * minuteMs, step);
  };
  step();
};

export const startFleet = (parts: FleetParts) => {
  const devices: MqttDevice[] = [];
  return {
    join(compound: WorldCompound, one: WorldDevice, credential: Credential): void {
      const { id } = one.registration;
      const chance = parts.chance.fork(id);
      const own = { ...parts, chance };
      // A gateway's own will would be in its dialect; most have none.
      const hasWill = typeof one.plays === 'object' && chance.hit(0.5);
      const will = {
        topic: `xy/v1/${one.registration.compound}/${id}/status`,
        payload: Buffer.from('offline'),
      };
      const protocolVersion = chance.pick([4, 5] as const);
      const device = createMqttDevice({ ...own, credential, protocolVersion, will: hasWill ? will : undefined });
      devices.push(device);
      device.connect();
      const errorMs = clockErrorMs(chance.fork('clock'));
      play(own, speakerOf(compound, one, chance.fork('speech')), id, device, errorMs);
    },
    /** Whether everything that was said is acknowledged. */
    isQuiet: (): boolean => devices.every((device) => device.unacknowledged() === 0),
  };
};
