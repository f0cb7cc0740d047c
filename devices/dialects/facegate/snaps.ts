import { z } from 'zod';
import { type Decoded, type DeviceFact, facts, noOp } from '../../dialect.ts';
import { contractRefusal, looseNumber } from '../../payload.ts';
import { aboutOf, looseCode, type Push, sourceOf } from './envelope.ts';

/** What a snapshot says, before device and time are added. */
type Said = Pick<DeviceFact, 'type' | 'data' | 'kind'>;

const analytic = (word: string, data: Record<string, unknown> = {}): Said => ({
  kind: 'camera',
  type: 'camera.analytics-reported',
  data: { analytic: word, ...data },
});
const alert = (word: string, data: Record<string, unknown> = {}): Said =>
  analytic(word, { severity: 'alert', ...data });

const behaviour = z.looseObject({ objectType: looseCode, behaviourType: looseCode, behaviourDirection: looseCode });
const behaviourObjects = ['person', 'vehicle'];
const behaviourDirections = ['left to right', 'right to left', 'entering', 'leaving'];

const readBehaviour = (info: unknown): Said[] => {
  const { objectType = -1, behaviourType, behaviourDirection = -1 } = behaviour.parse(info);
  const object = behaviourObjects[objectType];
  const direction = behaviourDirections[behaviourDirection];
  return [
    alert(behaviourType === 1 ? 'area-intruded' : 'line-crossed', {
      ...(object === undefined ? {} : { objects: [object] }),
      ...(direction === undefined ? {} : { text: direction }),
    }),
  ];
};

const fireSmoke = z.looseObject({ fire: looseCode, smoke: looseCode });

/** 0 none, 1 present, 2 not sure. */
const readFireSmoke = (info: unknown): Said[] => {
  const seen = Object.entries({ fire: fireSmoke.parse(info).fire, smoke: fireSmoke.parse(info).smoke });
  const objects = seen.filter(([, code]) => code === 1 || code === 2).map(([word]) => word);
  if (objects.length === 0) return [];
  const sure = seen.some(([, code]) => code === 1);
  return [analytic('fire-or-smoke', { severity: sure ? 'alert' : 'detection', objects })];
};

const plate = z.string().max(200).optional().catch(undefined);
const structured = z.looseObject({
  objectType: looseCode,
  carplate: plate,
  objectAttr: z.looseObject({ carplate: plate }).optional().catch(undefined),
});
const structuredObjects = ['face', 'person', 'vehicle', 'non-motor-vehicle'];

/** A plate goes out only as a credential, which the hub replaces by a pseudonym before anything is stored. */
const readStructured = (info: unknown, object?: string): Said[] => {
  const { objectType = -1, carplate, objectAttr } = structured.parse(info);
  const seen = object ?? structuredObjects[objectType];
  const reference = (carplate || objectAttr?.carplate || '').trim();
  return [
    analytic('object-captured', { severity: 'detection', ...(seen === undefined ? {} : { objects: [seen] }) }),
    ...(/\p{N}/u.test(reference)
      ? [{ kind: 'camera', type: 'gate.credential-seen', data: { credential: { method: 'plate', reference } } }]
      : []),
  ];
};

const ride = z.looseObject({ helmet: looseCode });
const wear = z.looseObject({ helmet: looseCode, reflectiveVest: looseCode });
const count = z.looseObject({ realtimeCount: looseCode });

const readCount = (info: unknown): Said[] => {
  const { realtimeCount } = count.parse(info);
  const people = realtimeCount === undefined || realtimeCount < 0 ? undefined : realtimeCount;
  return [
    analytic('people-counted', people === undefined ? {} : { text: String(people) }),
    ...(people === undefined
      ? []
      : [{ kind: 'camera', type: 'sensor.measured', data: { values: { peopleCount: people } } }]),
  ];
};

/** Snapshots that say what a camera saw; an empty list is a report that nothing was there. */
const readers = new Map<string, (info: unknown) => Said[]>([
  ['BehaviorSnapPush', readBehaviour],
  ['ParabolicSnapPush', () => [alert('object-thrown')]],
  ['FireSmokeSnapPush', readFireSmoke],
  ['ElectricalBicycleSnapPush', () => [alert('e-bike-detected', { objects: ['e-bike'] })]],
  // 0 without helmet, 1 with one.
  [
    'SafetyRidePush',
    (info) => (ride.parse(info).helmet === 1 ? [] : [analytic('helmet-missing', { objects: ['e-bike'] })]),
  ],
  ['CatAttrSnapPush', (info) => readStructured(info, 'vehicle')],
  ['FullStrSnapPush', (info) => readStructured(info)],
  ['CountInRegionPush', readCount],
  ['LeaveSnapPush', () => [analytic('post-left')]],
  ['VisibleKitchenSnapPush', () => [analytic('kitchen-hygiene')]],
  // 0 worn, 1 not worn, 2 not sure.
  [
    'ClothHelmetSnapPush',
    (info) => (Object.values(wear.parse(info)).includes(1) ? [analytic('protective-wear-missing')] : []),
  ],
]);

export const isSnap = (operator: string): boolean => readers.has(operator) || operator === 'TemHighSnapPush';

const thermal = z.looseObject({
  sparkAlarm: looseCode,
  tempeunit: looseCode,
  message: z
    .array(z.looseObject({ areaId: looseCode, temperature: looseNumber.optional() }))
    .max(100)
    .default([]),
});

/** `tempeunit` 1 is Fahrenheit; one fact per area, for each may be over its limit. */
const readThermal = ({ sparkAlarm, tempeunit, message }: z.infer<typeof thermal>): Said[] => [
  ...message.map(({ areaId, temperature }) => ({
    kind: 'sensor',
    type: 'sensor.threshold-crossed',
    data: {
      quantity: 'temperatureC',
      direction: 'high',
      active: true,
      ...(temperature === undefined
        ? {}
        : { value: Number((tempeunit === 1 ? ((temperature - 32) * 5) / 9 : temperature).toFixed(3)) }),
      ...(areaId === undefined ? {} : { channel: `area-${areaId}` }),
    },
  })),
  ...(sparkAlarm !== undefined && sparkAlarm > 0 ? [alert('spark-detected')] : []),
];

export const decodeSnap = (push: Push): Decoded => {
  const about = aboutOf(push);
  if (!about.ok) return about.refusal;
  const read = readers.get(push.operator);
  const heat = read === undefined ? thermal.safeParse(push.info) : undefined;
  if (heat?.success === false) return contractRefusal(heat.error, 'info');
  const said = read !== undefined ? read(push.info) : heat === undefined ? [] : readThermal(heat.data);
  if (said.length === 0) return noOp('nothing-detected');
  const { timeText: _text, ...shared } = about.value;
  return facts(
    ...said.map((item, index) => ({
      ...shared,
      ...item,
      ...sourceOf(index === 0 ? push.operator : `${push.operator}-${index}`, push, about.value),
    })),
  );
};
