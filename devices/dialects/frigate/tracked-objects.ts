import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp } from '../../dialect.ts';
import { parseJson } from '../../payload.ts';
import { credentialSeen, saidBy } from './speaker.ts';

const shortText = z.string().max(200);
const share = z.number().min(0).max(1);
const names = z.array(z.string().max(100)).max(100);

const trackedObject = z.object({
  id: shortText,
  camera: z.string().min(1).max(100),
  label: z.string().max(100),
  frame_time: z.number(),
  end_time: z.number().nullish(),
  top_score: share.nullish(),
  false_positive: z.boolean().nullish(),
  current_zones: names.default([]),
  entered_zones: names.default([]),
  sub_label: z.unknown().optional(),
  recognized_license_plate: shortText.nullish(),
  recognized_license_plate_score: share.nullish(),
});
type TrackedObject = z.infer<typeof trackedObject>;

const objectEvent = z.object({
  type: z.enum(['new', 'update', 'end']),
  before: z.record(z.string(), z.unknown()).nullish(),
  after: trackedObject,
});

const sameJson = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left ?? null) === JSON.stringify(right ?? null);

/** Frigate repeats an object for every better picture; only what it says of the object's way or identity is news. */
const saysSomethingNew = (before: Record<string, unknown>, after: TrackedObject): boolean =>
  !sameJson(before.current_zones ?? [], after.current_zones) ||
  !sameJson(before.sub_label, after.sub_label) ||
  !sameJson(before.recognized_license_plate, after.recognized_license_plate);

const trackedObjectFacts = (type: string, before: Record<string, unknown>, after: TrackedObject): DeviceFact[] => {
  const sourceId = `${after.id}:${type}:${after.frame_time}`;
  const plate = after.recognized_license_plate;
  const isNewPlate = plate && (type === 'new' || !sameJson(before.recognized_license_plate, plate));
  return [
    {
      type: 'camera.analytics-reported',
      // The sub label stays out: it is whatever was recognised, often a person's name.
      data: defined({
        analytic: 'tracked-object',
        active: type !== 'end',
        objects: [after.label],
        zones: type === 'end' ? after.entered_zones : after.current_zones,
        trackedObject: after.id,
        confidence: after.top_score ?? undefined,
      }),
      sourceId,
    },
    ...(isNewPlate ? [credentialSeen('plate', plate, after.recognized_license_plate_score, `${sourceId}:plate`)] : []),
  ];
};

/** `frigate/events` */
export const decodeObjectEvent = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, objectEvent);
  if (!parsed.ok) return parsed.refusal;
  const { type, before, after } = parsed.value;
  if (after.false_positive === true) return noOp('false-positive');
  if (type === 'update' && !saysSomethingNew(before ?? {}, after)) return noOp('no-change');
  const at = type === 'end' ? (after.end_time ?? after.frame_time) : after.frame_time;
  return facts(...saidBy(after.camera, at, trackedObjectFacts(type, before ?? {}, after)));
};

const ofCamera = { id: shortText, camera: z.string().min(1).max(100), timestamp: z.number(), score: share.nullish() };
const objectUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('description'), id: shortText, description: z.string() }),
  z.object({ type: z.literal('face'), ...ofCamera, name: shortText.nullish() }),
  z.object({ type: z.literal('lpr'), ...ofCamera, plate: shortText.nullish() }),
  z.object({
    type: z.literal('classification'),
    ...ofCamera,
    model: shortText,
    attribute: z.string().max(100).nullish(),
  }),
]);
type ObjectUpdate = z.infer<typeof objectUpdate>;

const textLengthMax = 2000;

const analytics = (
  update: Exclude<ObjectUpdate, { type: 'description' }>,
  detail: { analytic: string; rule?: string; objects?: string[] },
): DeviceFact => ({
  type: 'camera.analytics-reported',
  data: defined({ ...detail, trackedObject: update.id, confidence: update.score ?? undefined }),
  // Several models classify the same picture, so its time alone would make one message of their answers.
  sourceId: `${update.id}:${update.type}${detail.rule === undefined ? '' : `:${detail.rule}`}:${update.timestamp}`,
});

const updateFacts = (update: Exclude<ObjectUpdate, { type: 'description' }>): DeviceFact[] => {
  const sourceId = `${update.id}:${update.type}:${update.timestamp}:credential`;
  if (update.type === 'classification') {
    // An attribute (`helmet: yes`) is kept, a sub label isn't: the operator may have trained it on people.
    const objects = update.attribute ? [update.attribute] : undefined;
    return [analytics(update, { analytic: 'classification', rule: update.model, ...defined({ objects }) })];
  }
  if (update.type === 'face') {
    const said = analytics(update, { analytic: 'face-recognized' });
    return update.name ? [said, credentialSeen('face', update.name, update.score, sourceId)] : [said];
  }
  const said = analytics(update, { analytic: 'plate-recognized' });
  return update.plate ? [said, credentialSeen('plate', update.plate, update.score, sourceId)] : [said];
};

/** `frigate/tracked_object_update` */
export const decodeObjectUpdate = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, objectUpdate);
  if (!parsed.ok) return parsed.refusal;
  const update = parsed.value;
  if (update.type !== 'description') return facts(...saidBy(update.camera, update.timestamp, updateFacts(update)));
  // The only update without a camera: the recorder itself says it, the tracked object joins it to its camera.
  const text = update.description.slice(0, textLengthMax);
  const data = { analytic: 'description', trackedObject: update.id, text };
  return facts({ type: 'camera.analytics-reported', data, sourceId: `${update.id}:description` });
};
