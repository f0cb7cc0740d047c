import { z } from 'zod';
import { plateFact } from '../codecs/plate-fact.ts';
import { defined } from '../codecs/state-facts.ts';
import { type Dialect, facts, noOp } from '../dialect.ts';
import { contractRefusal, looseNumber, parseJson } from '../payload.ts';
import { timeFromEpochMilliseconds, timeFromEpochSeconds } from '../time.ts';

const number = looseNumber.optional().catch(undefined);

const webhook = z.looseObject({ webhook_type: z.string(), data: z.unknown() });

const reading = z.looseObject({
  camera_id: z.string().min(1).max(200),
  license_plate_number: z.string(),
  confidence: number,
  created: number,
  detected: number,
});

/** Milliseconds when the plate was seen, beside whole seconds when the cloud made the record. */
const timeOf = ({ detected, created }: z.infer<typeof reading>) => {
  if (detected !== undefined && detected > 0) return timeFromEpochMilliseconds(detected);
  return created === undefined || created <= 0 ? undefined : timeFromEpochSeconds(created);
};

/** Webhooks of Verkada's cloud, passed on to MQTT as they stand. */
export const dialect: Dialect = {
  name: 'verkada-lpr',
  title: { zh: 'Verkada 车牌识别', en: 'Verkada plate reader' },
  kinds: ['camera'],
  topics: ['verkada/#'],
  decode({ payload }) {
    const hook = parseJson(payload, webhook);
    if (!hook.ok) return hook.refusal;
    if (hook.value.webhook_type !== 'lpr') return noOp('other-webhook');
    const parsed = reading.safeParse(hook.value.data);
    if (!parsed.success) return contractRefusal(parsed.error, 'data');
    const { camera_id: externalId, license_plate_number: plate, confidence } = parsed.data;
    const time = timeOf(parsed.data);
    return facts({ externalId, kind: 'camera', ...plateFact({ plate, confidence }), ...defined({ time }) });
  },
};
