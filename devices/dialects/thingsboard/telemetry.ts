import { z } from 'zod';
import { factsOfFields } from '../../codecs/known-fields.ts';
import { flatten } from '../../codecs/object-fields.ts';
import { plateFact } from '../../codecs/plate-fact.ts';
import { defined, faultFact, type Speaker } from '../../codecs/state-facts.ts';
import { type DeviceFact, refused } from '../../dialect.ts';
import { kebabCase, looseNumber, type Parsed } from '../../payload.ts';
import { timeFromEpochMilliseconds } from '../../time.ts';

const samplesMax = 1_000;
const keyValues = z.record(z.string(), z.unknown());
const timed = z.looseObject({ ts: looseNumber, values: keyValues });

interface Sample {
  time?: NonNullable<DeviceFact['time']>;
  values: Record<string, unknown>;
}

const broken = (reason: string, field: string): { ok: false; refusal: ReturnType<typeof refused> } => ({
  ok: false,
  refusal: refused('contract-violated', `${field}: ${reason}`, field),
});

const readSample = (json: unknown, path: string): Parsed<Sample> => {
  const prefix = path === '' ? '' : `${path}.`;
  const result = keyValues.safeParse(json);
  if (!result.success) return broken('keys and values, e.g. {"temperature":21.5}', path || 'payload');
  const withTime = timed.safeParse(json);
  if (!withTime.success) {
    if ('ts' in result.data) return broken('milliseconds since 1970, beside "values"', `${prefix}ts`);
    return { ok: true, value: { values: result.data } };
  }
  const time = timeFromEpochMilliseconds(withTime.data.ts);
  if (time === undefined) return broken('milliseconds since 1970', `${prefix}ts`);
  return { ok: true, value: { time, values: withTime.data.values } };
};

/** `{k:v}`, `{ts,values}`, or a list of either. */
export const readSamples = (json: unknown, path: string): Parsed<Sample[]> => {
  if (Array.isArray(json) && json.length > samplesMax) return broken(`at most ${samplesMax}`, path || 'payload');
  const samples: Sample[] = [];
  for (const [index, item] of (Array.isArray(json) ? json : [json]).entries()) {
    const steps = [path, Array.isArray(json) ? String(index) : ''].filter((step) => step !== '');
    const sample = readSample(item, steps.join('.'));
    if (!sample.ok) return sample;
    samples.push(sample.value);
  }
  return { ok: true, value: samples };
};

/** The fault that stands; what comes next clears it. */
export interface Standing {
  fault: string | undefined;
}

const noFault = new Set<unknown>([null, false, 0, '', '0', 'none', 'ok', 'false']);

const faultFactsOf = (value: unknown, standing: Standing): DeviceFact[] => {
  const word = noFault.has(typeof value === 'string' ? value.trim().toLowerCase() : value) ? undefined : String(value);
  const code =
    word === undefined
      ? undefined
      : kebabCase(word === 'true' ? '' : word)
          .slice(0, 64)
          .replace(/-$/, '') || 'other';
  const before = standing.fault;
  standing.fault = code;
  return [
    ...(before === undefined || before === code ? [] : [faultFact(before, false)]),
    ...(code === undefined ? [] : [faultFact(code, true, { vendorCode: word!.slice(0, 200) })]),
  ];
};

/**
 * ThingsBoard gives keys no meaning. The usual names of quantities are read, and three more that a gateway's
 * configuration can be made to send: `plate`, `meterWh`, `fault` (empty or false when it is over).
 */
const factsOfValues = (values: Record<string, unknown>, standing: Standing): DeviceFact[] => {
  const { plate, meterWh, fault, ...others } = values;
  const meter = looseNumber.safeParse(meterWh);
  return [
    ...factsOfFields(flatten(others)),
    ...(typeof plate === 'string' ? [{ kind: 'access-gate', ...plateFact({ plate }) }] : []),
    ...(meter.success
      ? [{ kind: 'charging-post', type: 'charging.metered', data: { values: { energyWh: meter.data } } }]
      : []),
    ...(fault === undefined || (typeof fault === 'object' && fault !== null) ? [] : faultFactsOf(fault, standing)),
  ];
};

const seen: DeviceFact = { type: 'device.seen', data: {} };

export const factsOfSamples = (samples: readonly Sample[], speaker: Speaker, standing: Standing): DeviceFact[] =>
  samples.flatMap(({ time, values }) => {
    const said = factsOfValues(values, standing);
    return (said.length === 0 ? [seen] : said).map((fact) => ({ ...defined({ ...speaker, time }), ...fact }));
  });
