import { compoundStream, deviceStream, type RecordedEvent } from '../../services/event-log/event.ts';
import { streamOf } from '../../services/ingest/stream-of.ts';
import type { Compound, Device } from '../../services/registry/registry.ts';
import { isoTime } from '../../services/runtime/clock.ts';

const dayMs = 86_400_000;
export const devicesPerCompound = 300;
export const fullDays = 31;

/** Minutes between two words of a device, so that none counts as silent by itself. */
export const everyMinutes = { 'access-gate': 7, camera: 7, sensor: 60, 'charging-post': 14 } as const;
type Kind = keyof typeof everyMinutes;
const kindOf = (nth: number): Kind => {
  const of = nth % 15;
  if (of < 3) return 'access-gate';
  if (of < 7) return 'camera';
  return of < 12 ? 'sensor' : 'charging-post';
};

export const compoundOf = (nth: number): Compound => ({
  ...{ id: `yuan-${nth}`, name: `星园 ${nth} 号小区`, profile: nth % 3 === 0 ? 'new' : 'retrofit', households: 1200 },
  ...{ timeZone: 'Asia/Shanghai', district: `district-${nth % 5}`, figures: { parkingSpaces: 800, eBikes: 400 } },
  buildings: Array.from({ length: 12 }, (_, of) => ({ id: `building-${of}`, name: `${of + 1} 号楼` })),
  positions: Array.from({ length: 60 }, (_, of) => ({
    ...{ id: `position-${of}`, kind: of % 2 === 0 ? 'entrance' : 'fire-lane', name: `位置 ${of}` },
    building: `building-${of % 12}`,
  })),
});

export const devicesOf = (compound: string): Device[] =>
  Array.from({ length: devicesPerCompound }, (_, nth) => ({
    ...{ id: `${compound}-d-${nth}`, compound, kind: kindOf(nth), dialect: 'canonical', name: `设备 ${nth}` },
    ...{ position: `position-${nth % 60}`, covers: [], adopted: false },
    features: kindOf(nth) === 'sensor' ? ['fire-water'] : [],
    ...(kindOf(nth) === 'sensor' && nth % 3 === 0 ? { band: { quantity: 'pressureKPa', min: 100, max: 800 } } : {}),
  }));

/** Revisions counted over all streams of a city. */
export const createTeller = () => {
  const revisions = new Map<string, number>();
  let position = 0;
  return (said: { stream: string; type: string; data: object; atMs: number; device?: string; compound: string }) => {
    const { stream, type, data, atMs, device, compound } = said;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    position += 1;
    const at = isoTime(atMs);
    const event: RecordedEvent = {
      ...{ id: String(position), type, data, stream, revision, position: String(position) },
      meta: {
        ...{ schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', compound },
        ...(device === undefined ? {} : { device }),
      },
    };
    return event;
  };
};
type Teller = ReturnType<typeof createTeller>;

export const registrations = (tell: Teller, compound: Compound, devices: Device[], atMs: number): RecordedEvent[] => [
  tell({
    stream: compoundStream(compound.id),
    type: 'compound.registered',
    data: compound,
    atMs,
    compound: compound.id,
  }),
  ...devices.map((data) =>
    tell({
      ...{ stream: deviceStream(data.id), type: 'device.registered', data, atMs },
      ...{ device: data.id, compound: compound.id },
    }),
  ),
];

const said: Record<Kind, { type: string; data: object }> = {
  'access-gate': { type: 'gate.passed', data: { direction: 'in' } },
  camera: { type: 'camera.picture-probed', data: { ok: true } },
  sensor: { type: 'sensor.measured', data: { values: { pressureKPa: 400 } } },
  'charging-post': { type: 'charging.metered', data: { connector: 1, values: { energyWh: 11_295 } } },
};

export const word = (tell: Teller, { id, kind, compound }: Device, atMs: number): RecordedEvent => {
  const { type, data } = said[kind as Kind];
  return tell({ stream: streamOf(id, type), type, data, atMs, device: id, compound });
};

/** One day of everything that a compound's devices say; each is away for some hours about once in ten days. */
export const dayOfWords = (tell: Teller, devices: readonly Device[], dayStartMs: number): RecordedEvent[] => {
  const day = Math.floor(dayStartMs / dayMs);
  const planned = devices.flatMap((device, nth) => {
    const everyMs = everyMinutes[device.kind as Kind] * 60_000;
    const away =
      (day + nth) % 10 === 0 ? { fromMs: dayStartMs + 6 * 3_600_000, toMs: dayStartMs + 9 * 3_600_000 } : undefined;
    return Array.from({ length: Math.floor(dayMs / everyMs) }, (_, of) => ({
      device,
      atMs: dayStartMs + of * everyMs + nth * 1000,
    })).filter(({ atMs }) => away === undefined || atMs < away.fromMs || atMs >= away.toMs);
  });
  return planned.sort((a, b) => a.atMs - b.atMs).map(({ device, atMs }) => word(tell, device, atMs));
};
