import { createHash } from 'node:crypto';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import type { Message } from './fault-device.ts';

export interface SpeechOptions {
  compound: string;
  device: string;
  kind: 'sensor' | 'access-gate';
  /** 0 to 1. */
  random: () => number;
  /** Whether it tells the time, and whether the hub may find that time impossible. */
  clock?: 'believed' | 'doubted' | 'none';
}

type Time = { time?: string };

const sha256 = (payload: Buffer): string => createHash('sha256').update(payload).digest('hex');

/**
 * How the auditor finds an event of the log again: by the sender's own id, or by the reading that counts. `undefined`
 * for what no device of the fleet said.
 */
export const keyOf = (event: { type: string; data: unknown; meta: { sourceId?: string } }): string | undefined => {
  if (event.meta.sourceId !== undefined) return event.meta.sourceId;
  const values = (event.data as { values?: Record<string, number> }).values;
  return event.type === 'sensor.measured' && values?.energyWh !== undefined ? `reading:${values.energyWh}` : undefined;
};

/** What a device has to say, each message with a key of its own: events with id, with seq, in arrays, telemetry, nonsense. */
export const createSpeech = ({ compound, device, kind, random, clock = 'believed' }: SpeechOptions) => {
  let number = 0;
  let faultStands = false;
  const topic = (leaf: string): string => `xy/v1/${compound}/${device}/${leaf}`;
  const message = (leaf: string, keys: string[], content: unknown): Message => {
    const payload = Buffer.from(JSON.stringify(content));
    return { topic: topic(leaf), keys, payload, ...(clock === 'doubted' ? { eitherSha256: sha256(payload) } : {}) };
  };
  const events = (keys: string[], content: unknown): Message => message('events', keys, content);
  const measured = (count: number) => ({ energyWh: count, temperatureC: Math.round(random() * 400) / 10 });
  const passed = () => ({
    type: 'gate.passed',
    data: { credential: { method: 'card', reference: `card-${Math.floor(random() * 50)}` } },
  });
  const fact = () => (kind === 'sensor' ? { type: 'sensor.measured', data: { values: measured(number) } } : passed());

  const refused = (): Message => {
    // Bytes that nobody else says, so that each message has one dead letter.
    const own = `"type":"gate.flew-away","from":"${device}","seq":${number}`;
    const payload = Buffer.from(random() < 0.5 ? `{${own}` : `{${own}}`);
    return { topic: topic('events'), keys: [], payload, refusedSha256: sha256(payload) };
  };
  const telemetry = (time: Time): Message =>
    message('telemetry', [`reading:${number}`], { ...time, values: measured(number) });
  const several = (time: Time): Message => {
    const keys = [`${number}a`, `${number}b`, `${number}c`];
    return events(
      keys,
      keys.map((id) => ({ ...fact(), id, ...time })),
    );
  };
  const fault = (time: Time): Message => {
    faultStands = !faultStands;
    const type = faultStands ? 'device.fault-raised' : 'device.fault-cleared';
    return events([`${number}`], { type, id: `${number}`, ...time, data: { code: 'stuck' } });
  };

  return (): Message => {
    number += 1;
    const time = clock === 'none' ? {} : { time: isoTime(systemClock.now()) };
    const choice = random();
    // Without a time only an id of its own makes a message sent again the same event.
    if (clock === 'none' && choice >= 0.17) return events([`${number}`], { ...fact(), id: `${number}` });
    if (choice < 0.05) return refused();
    if (choice < 0.07) return fault(time);
    if (choice < 0.17) return several(time);
    if (choice < 0.37 && kind === 'sensor') return telemetry(time);
    if (choice < 0.5) return events([`seq:${number}`], { ...fact(), seq: number, ...time });
    return events([`${number}`], { ...fact(), id: `${number}`, ...time });
  };
};
