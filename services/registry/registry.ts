import { z } from 'zod';
import { serviceHours } from '../runtime/service-hours.ts';

/** Ids go into topics, streams and URLs, so they are kebab-case: lower-case letters, digits, single hyphens. */
export const registryId = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens, e.g. shengde-hemei-jiayuan')
  .max(64);

const name = z.string().trim().min(1).max(200);

export const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}, 'an IANA time zone, e.g. Asia/Shanghai');

/** What the star standard asks about. A position without a device is a gap in coverage, so all of them are registered. */
export const positionKinds = [
  'entrance',
  'garage-entrance',
  'main-road',
  'fire-lane',
  'pedestrian-gate',
  'vehicle-gate',
  'unit-door',
  'lift',
  'perimeter-zone',
  'falling-object-zone',
  'fire-water-point',
  'parking-area',
  'plant-room',
  'public-area',
  'other',
] as const;

export const building = z.strictObject({
  id: registryId,
  name,
  /** 楼宇管家, the residents' face of the property company. */
  steward: z.strictObject({ name, telephone: z.string().max(40).optional() }).optional(),
});

export const position = z.strictObject({
  id: registryId,
  kind: z.enum(positionKinds),
  name,
  building: registryId.optional(),
});

/** Figures of the parking, e-bike and duty registers. A figure left out is "no evidence", never zero. */
export const compoundFigures = z.strictObject({
  parkingSpaces: z.int().min(0).optional(),
  /** Parking spaces with a charging post or with power laid for one. */
  evReadySpaces: z.int().min(0).optional(),
  eBikes: z.int().min(0).optional(),
  eBikePorts: z.int().min(0).optional(),
  fireDutyRoster: z.boolean().optional(),
  microFireStation: z.boolean().optional(),
  contractDisclosed: z.boolean().optional(),
  feeItemsDisclosed: z.boolean().optional(),
});

const compoundFields = z.strictObject({
  id: registryId,
  name,
  /** `new` must hold four stars, `retrofit` three. */
  profile: z.enum(['new', 'retrofit']),
  households: z.int().min(0),
  timeZone,
  district: z.string().max(100).optional(),
  /** The property company under contract; figures and assessments are by its id. */
  company: z.strictObject({ id: registryId, name }).optional(),
  /** The city platform's own code of the compound. */
  code: z.string().max(64).optional(),
  coordinates: z
    .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .optional(),
  figures: compoundFigures,
  /** Where the contract sets none, the clocks of all work run day and night. */
  serviceHours: serviceHours.optional(),
  /** Whether a gate opens from afar on one person's word, or a second one must agree; left out, on one's. */
  gateOpening: z.enum(['one-person', 'two-people']).optional(),
  buildings: z.array(building).max(1000),
  positions: z.array(position).max(20_000),
});
export const compound = compoundFields.extend({
  timeZone: timeZone.default('Asia/Shanghai'),
  figures: compoundFigures.default({}),
  buildings: compoundFields.shape.buildings.default([]),
  positions: compoundFields.shape.positions.default([]),
});
export type Compound = z.infer<typeof compound>;
export type Position = z.infer<typeof position>;

/** What a device can do, as far as a criterion asks. */
export const deviceFeatures = [
  'face',
  'card',
  'code',
  'phone',
  'plate-recognition',
  'smart-lock',
  'lift-monitor',
  'e-bike-detection',
  'smoke',
  'fire-water',
  'environment',
  'manhole',
  'level',
  'e-bike-charging',
] as const;

export const deviceKinds = ['access-gate', 'charging-post', 'camera', 'sensor', 'gateway'] as const;

const deviceFields = z.strictObject({
  id: registryId,
  compound: registryId,
  kind: z.enum(deviceKinds),
  /** `canonical`, a dialect's name, or, for a gateway, `auto`: the hub tells by the topic. */
  dialect: z.string().max(64),
  name,
  /** A vendor's model, by the name of its file in devices/models: its limits and fault codes hold instead of its kind's. */
  model: z.string().max(100).optional(),
  /** Its id in its own ecosystem (devEui, serial number, charge point id). */
  externalId: z.string().min(1).max(200).optional(),
  /** The gateway it is heard beneath. */
  gateway: registryId.optional(),
  /** The switch or router that it reaches the network through, and what feeds it: their loss explains its silence. */
  uplink: registryId.optional(),
  poweredBy: registryId.optional(),
  /** Where it stands, and what else it sees or serves. */
  position: registryId.optional(),
  covers: z.array(registryId).max(50),
  features: z.array(z.enum(deviceFeatures)),
  /** The readings that are in order, for fire water and the like. */
  band: z.strictObject({ quantity: z.string().max(64), min: z.number(), max: z.number() }).optional(),
  /** Charging ports of a post. */
  ports: z.int().min(1).max(1000).optional(),
  /** Heard beneath a gateway and taken in by the hub, not registered by a person. */
  adopted: z.boolean(),
});
export const device = deviceFields.extend({
  dialect: deviceFields.shape.dialect.default('canonical'),
  covers: deviceFields.shape.covers.default([]),
  features: deviceFields.shape.features.default([]),
  adopted: z.boolean().default(false),
});
export type Device = z.infer<typeof device>;
/** What is known of one that may become a device: nothing is filled in. */
export const partialDevice = deviceFields.omit({ adopted: true }).partial();

/**
 * What a person may change of a compound or a device; the id never. `null` takes an optional field away. Made from the fields without their defaults: a
 * default fills in where a field is left out, and so would empty the lists that a change doesn't name.
 */
export const compoundChange = compoundFields
  .omit({ id: true })
  .extend({
    district: compoundFields.shape.district.nullable(),
    company: compoundFields.shape.company.nullable(),
    code: compoundFields.shape.code.nullable(),
    coordinates: compoundFields.shape.coordinates.nullable(),
    serviceHours: compoundFields.shape.serviceHours.nullable(),
    gateOpening: compoundFields.shape.gateOpening.nullable(),
  })
  .partial();
export type CompoundChange = z.infer<typeof compoundChange>;
export const deviceChange = deviceFields
  .omit({ id: true, compound: true, kind: true, adopted: true })
  .extend({
    model: deviceFields.shape.model.nullable(),
    externalId: deviceFields.shape.externalId.nullable(),
    gateway: deviceFields.shape.gateway.nullable(),
    uplink: deviceFields.shape.uplink.nullable(),
    poweredBy: deviceFields.shape.poweredBy.nullable(),
    position: deviceFields.shape.position.nullable(),
    band: deviceFields.shape.band.nullable(),
    ports: deviceFields.shape.ports.nullable(),
    /** A person has looked at what the hub took in. */
    adopted: z.literal(false),
  })
  .partial();
export type DeviceChange = z.infer<typeof deviceChange>;

/** To which compound a device goes; its places and ways in the one before stay behind. */
export const deviceMove = z.strictObject({
  compound: registryId,
  position: registryId.optional(),
  gateway: registryId.optional(),
});
export type DeviceMove = z.infer<typeof deviceMove>;

/** What is registered after a change, in which `null` takes a field away. */
export const changed = <Registered extends object>(
  before: Registered,
  change: { [Field in keyof Registered]?: Registered[Field] | null | undefined },
): Registered =>
  Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([field, value]) => value !== null || !(field in change)),
  ) as Registered;
