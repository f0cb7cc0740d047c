import type { z } from 'zod';
import { mayExpire } from '../../../../devices/vocabulary.ts';
import { compoundStream, deviceStream, telemetryStream } from '../../../event-log/event.ts';
import type { Device } from '../../../registry/registry.ts';
import type { bilingual } from '../../../runtime/schema.ts';
import type { RatingFacts } from '../facts.ts';
import { clip, type Interval, subtract, union } from '../intervals.ts';

export const subjectKinds = [
  'device',
  'position',
  'figure',
  'compound',
  'work-order',
  'meeting',
  'whistle',
  'disclosure',
  'day',
] as const;

/** What a stretch of a contribution's time was. The hub's own outages are `not-observed`. */
export const intervalStates = [
  'up',
  'down',
  'gateway-down',
  'not-observed',
  'in-band',
  'out-of-band',
  'no-reading',
] as const;

export interface StateInterval extends Interval {
  state: (typeof intervalStates)[number];
}

/** Where the events beneath a contribution stand: of these streams, of these types (`gate.*` too), in this time. */
export interface Beneath {
  streams: string[];
  types: string[];
  /** By when they happened; `null`: from the beginning. */
  fromMs: number | null;
  toMs: number;
}

/**
 * One thing that made a number: a device, a position, an order. Those that are counted add up to the criterion's
 * numerator and denominator; where it has none, the least `value` of them is the criterion's.
 */
export interface Contribution {
  subject: { kind: (typeof subjectKinds)[number]; id: string; name: string };
  /** `false`: looked at and left out, `text` says why. */
  counted: boolean;
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  text: z.infer<typeof bilingual>;
  /** Tells those apart that take the same away from the number; the greater, the worse. */
  badness?: number;
  intervals: StateInterval[];
  beneath: Beneath;
}

const registerTypes = {
  device: ['device.registered', 'device.changed', 'device.retired'],
  compound: ['compound.registered', 'compound.changed'],
};

/** Signs of life: whatever a device says, and what becomes of its connection. */
export const lifeTypes = [
  'device.*',
  'gate.*',
  'charging.*',
  'camera.*',
  'sensor.*',
  'ingest.payload-refused',
] as const;

/** What was said by or of these devices, of these types, in the window. */
export const saidBeneath = (
  { window }: RatingFacts,
  devices: readonly Pick<Device, 'id' | 'gateway'>[],
  types: readonly string[],
): Beneath => {
  const streams = devices.flatMap(({ id }) => {
    // A pattern may name events of both streams.
    const stays = types.some((type) => type.endsWith('*') || !mayExpire(type));
    const passes = types.some((type) => type.endsWith('*') || mayExpire(type));
    return [...(stays ? [deviceStream(id)] : []), ...(passes ? [telemetryStream(id)] : [])];
  });
  return { streams, types: [...types], ...window };
};

/** What the register was told of these devices, or of the compound itself, since the beginning. */
export const registeredBeneath = ({ compound, atMs }: RatingFacts, devices: readonly Device[] | 'compound'): Beneath =>
  devices === 'compound'
    ? { streams: [compoundStream(compound.id)], types: registerTypes.compound, fromMs: null, toMs: atMs }
    : {
        streams: [compoundStream(compound.id), ...devices.map(({ id }) => deviceStream(id))],
        types: [...registerTypes.compound, ...registerTypes.device],
        fromMs: null,
        toMs: atMs,
      };

/** All events of one record: an order, a meeting, a whistle. */
export const recordBeneath = ({ atMs }: RatingFacts, stream: string): Beneath => ({
  streams: [stream],
  types: ['*'],
  fromMs: null,
  toMs: atMs,
});

export const deviceSubject = ({ id, name }: Pick<Device, 'id' | 'name'>): Contribution['subject'] => ({
  kind: 'device',
  id,
  name,
});

const inState = (intervals: readonly Interval[], state: StateInterval['state']): StateInterval[] =>
  intervals.map(({ fromMs, toMs }) => ({ fromMs, toMs, state }));

/** The whole of a duty, and what of it was not observed, told apart into states; earlier layers win. */
export const layered = (
  whole: readonly Interval[],
  layers: readonly (readonly [StateInterval['state'], readonly Interval[]])[],
  rest: StateInterval['state'],
): StateInterval[] => {
  let left = union(whole);
  const told: StateInterval[] = [];
  for (const [state, intervals] of layers) {
    const here = left.flatMap((part) => union(clip(intervals, part)));
    told.push(...inState(here, state));
    left = subtract(left, here);
  }
  return [...told, ...inState(left, rest)].sort((a, b) => a.fromMs - b.fromMs);
};
