import { z } from 'zod';
import { plateFact } from '../codecs/plate-fact.ts';
import { defined } from '../codecs/state-facts.ts';
import { type Dialect, facts, noOp, refused } from '../dialect.ts';
import { looseNumber, parseJson } from '../payload.ts';
import { timeFromIso } from '../time.ts';

const score = looseNumber.optional().catch(undefined);

/** Newer engines put several readings in the place of the plate's text, the best first; a vehicle without a plate has none. */
const reading = z
  .looseObject({
    plate: z.union([
      z.string(),
      z.looseObject({
        props: z.looseObject({ plate: z.array(z.looseObject({ value: z.string(), score })).min(1) }),
      }),
      z.null(),
    ]),
    score,
  })
  .transform(({ plate, score: confidence }) => {
    if (plate === null) return undefined;
    if (typeof plate === 'string') return { plate, confidence };
    const [best] = plate.props.plate;
    return { plate: best?.value, confidence: best?.score ?? confidence };
  });

const webhook = z.looseObject({
  data: z.looseObject({
    timestamp: z.string().max(64).optional(),
    camera_id: z.union([z.string(), z.number().transform(String)]).nullish(),
    results: z.array(reading).max(100).optional(),
  }),
});

/** Plate Recognizer's webhooks, of Snapshot and of Stream, passed on to MQTT as they stand. */
export const dialect: Dialect = {
  name: 'plate-recognizer',
  title: { zh: 'Plate Recognizer 车牌识别', en: 'Plate Recognizer' },
  kinds: ['camera'],
  topics: ['platerecognizer/#'],
  decode({ topic, payload, timeZone }) {
    const parsed = parseJson(payload, webhook);
    if (!parsed.ok) return parsed.refusal;
    const { timestamp, camera_id: said, results } = parsed.value.data;
    const named = topic.split('/')[1];
    if (named && said && named !== said) {
      const reason = `The payload says it is camera ${said.slice(0, 100)}, the topic ${named.slice(0, 100)}: publish on platerecognizer/<camera_id>, or on platerecognizer alone.`;
      return refused('identity-mismatch', reason, 'data.camera_id');
    }
    const time = timestamp === undefined ? undefined : timeFromIso(timestamp, timeZone);
    if (timestamp !== undefined && time === undefined) {
      return refused('contract-violated', 'data.timestamp: an RFC 3339 time', 'data.timestamp');
    }
    // Heartbeats of a stream and parked vehicles come by the same hook.
    if (results === undefined) return noOp('hook-without-results');
    const readings = results.flatMap((read) => (read === undefined ? [] : [read]));
    if (readings.length === 0) return noOp('no-plate-in-the-picture');
    // Snapshot leaves the camera out unless it was told; then the topic names it, or the credential alone.
    const externalId = (named || said || undefined)?.slice(0, 200);
    const about = { kind: 'camera', ...defined({ externalId, time }) };
    return facts(
      ...readings.map(({ plate, confidence }) => ({
        ...about,
        ...plateFact({ plate: plate?.toUpperCase(), confidence }),
      })),
    );
  },
};
