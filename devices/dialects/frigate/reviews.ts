import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp } from '../../dialect.ts';
import { parseJson } from '../../payload.ts';
import { saidBy } from './speaker.ts';

const shortText = z.string().max(200);
const names = z.array(z.string().max(100)).max(100).default([]);

const review = z.object({
  type: z.string(),
  before: z.object({ severity: z.string().optional() }).nullish(),
  after: z.object({
    id: shortText,
    camera: z.string().min(1).max(100),
    start_time: z.number(),
    end_time: z.number().nullish(),
    severity: z.string(),
    data: z.object({ objects: names, zones: names }).prefault({}),
  }),
});
type Review = z.infer<typeof review>;

const severities = ['alert', 'detection'];

/** An update has no time of its own. */
const timeOf = ({ type, after }: Review): number | undefined => {
  if (type === 'new') return after.start_time;
  return type === 'end' ? (after.end_time ?? undefined) : undefined;
};

/** `frigate/reviews` */
export const decodeReview = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, review);
  if (!parsed.ok) return parsed.refusal;
  const { type, before, after } = parsed.value;
  if (type !== 'new' && type !== 'end' && (type !== 'update' || before?.severity === after.severity)) {
    return noOp('no-change');
  }
  const fact: DeviceFact = {
    type: 'camera.analytics-reported',
    data: defined({
      analytic: 'review',
      active: type !== 'end',
      severity: severities.includes(after.severity) ? after.severity : undefined,
      objects: after.data.objects,
      zones: after.data.zones,
      trackedObject: after.id,
    }),
    sourceId: `${after.id}:review:${type}:${after.severity}`,
  };
  return facts(...saidBy(after.camera, timeOf(parsed.value), [fact]));
};

const trigger = z.object({
  name: shortText,
  camera: z.string().min(1).max(100),
  event_id: shortText,
  type: shortText.optional(),
  score: z.number().min(0).max(1).nullish(),
});

/** `frigate/triggers` */
export const decodeTrigger = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, trigger);
  if (!parsed.ok) return parsed.refusal;
  const { name, camera, event_id: trackedObject, type, score } = parsed.value;
  const fact: DeviceFact = {
    type: 'camera.analytics-reported',
    data: defined({ analytic: 'trigger', rule: name, trackedObject, confidence: score ?? undefined }),
    sourceId: [trackedObject, 'trigger', name, type].filter((word) => word !== undefined).join(':'),
  };
  return facts(...saidBy(camera, undefined, [fact]));
};
