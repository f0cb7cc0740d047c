import { type Puppet, puppetOf } from '../../services/demo/puppet.ts';
import type { Player } from '../../services/demo/world.ts';
import type { Chance } from './chance.ts';
import type { SaidFact, SaidMessage } from './ledger.ts';

/** What a device says in one step; number, sender and times are added by who carries it. */
export type Saying = Pick<SaidMessage, 'topic' | 'payload' | 'qos' | 'retain' | 'facts' | 'nonsense'>;

/** Somebody behind a credential who says things: a device, or a gateway for those beneath it. */
export interface Speaker {
  dialect: string;
  /** `nowMs` is the device's own clock. */
  step(nowMs: number): Saying[];
}

interface Item {
  type: string;
  time: string;
  id: string;
  data: Record<string, unknown>;
}

export interface CanonicalDevice {
  id: string;
  compound: string;
  player: Player;
}

const sayingOf = (topic: string, payload: string | Buffer, more: Partial<Saying> = {}): Saying => ({
  topic,
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  facts: [],
  ...more,
});

const nonsense = (topic: string, chance: Chance): Saying =>
  sayingOf(
    topic,
    chance.pick([
      '{"type":"gate.passed",',
      '{"type":"gate.exploded","data":{}}',
      `{"type":"gate.passed","time":"yesterday","data":{"n":${chance.whole(1, 999)}}}`,
    ]),
    { nonsense: true },
  );

const createTalk = (device: CanonicalDevice, puppet: Puppet, chance: Chance) => {
  const address = `xy/v1/${device.compound}/${device.id}`;
  let said = 0;
  let status: string | undefined;
  const events = (payload: string): Saying => {
    // The simulators' ids come from the millisecond, which two steps may share; a device counts.
    const items = (JSON.parse(payload) as Item[]).map((item) => ({ ...item, id: `e${++said}` }));
    const facts = items.map(
      ({ type, time, id, data }): SaidFact => ({
        ...{ device: device.id, type, data, sourceId: id },
        statedAtMs: Date.parse(time),
      }),
    );
    return sayingOf(`${address}/events`, JSON.stringify(items), { facts });
  };
  const telemetry = (payload: string): Saying => {
    const { time, values } = JSON.parse(payload) as { time: string; values: Record<string, number> };
    const fact: SaidFact = {
      device: device.id,
      type: 'sensor.measured',
      data: { values },
      statedAtMs: Date.parse(time),
    };
    return sayingOf(`${address}/telemetry`, payload, { qos: chance.hit(0.1) ? 0 : 1, facts: [fact] });
  };
  const statusWord = (payload: string): Saying => {
    const type = payload === 'online' ? 'device.connected' : 'device.disconnected';
    const level = status === payload ? 'same' : 'changed';
    status = payload;
    return sayingOf(`${address}/status`, payload, {
      retain: true,
      facts: [{ device: device.id, type, data: { reason: 'reported' }, level }],
    });
  };
  return (nowMs: number): Saying[] => {
    const sayings = puppet.step({ nowMs, random: chance.random }).map(({ topicSuffix, payload }) => {
      if (topicSuffix === 'events') return events(payload);
      return topicSuffix === 'telemetry' ? telemetry(payload) : statusWord(payload);
    });
    if (chance.hit(0.002)) sayings.push(nonsense(`${address}/events`, chance));
    return sayings;
  };
};

/** A device of our own kinds in our own format; now and then its firmware says something twice, or nonsense. */
export const createCanonicalSpeaker = (device: CanonicalDevice, chance: Chance): Speaker => {
  const talk = createTalk(device, puppetOf(device.player, {}), chance);
  let again: Saying[] = [];
  return {
    dialect: 'canonical',
    step(nowMs) {
      const sayings = talk(nowMs);
      const repeated = again;
      again = sayings.filter(({ topic }) => topic.endsWith('/events') && chance.hit(0.01));
      return [...repeated, ...sayings];
    },
  };
};
