import { z } from 'zod';
import { deviceFeatures, deviceKinds } from '../../../registry/registry.ts';
import type { RatingFacts } from '../facts.ts';
import {
  booleanFigure,
  deviceSelection,
  type Measured,
  noEvidence,
  notApplicable,
  numberFigure,
  percentOf,
  positionSelection,
  whenNone,
} from './measured.ts';
import { hasFeature, selectDevices } from './selection.ts';
import { deviceWords, featureWords, figureWords, positionWords, shortfallWords } from './words.ts';

export const positionCoverageParameters = z.strictObject({
  name: z.literal('position-coverage'),
  positions: positionSelection,
  ...deviceSelection,
  /** The device must have been heard at least once. */
  heard: z.boolean(),
  whenNone,
  /** Without such a position it does not apply where this figure is 0. */
  notApplicableIfZero: numberFigure.optional(),
});

/** Share of the positions of those kinds at which a fitting device stands, or which it also sees or serves. */
export const positionCoverage = (
  facts: RatingFacts,
  parameters: z.infer<typeof positionCoverageParameters>,
): Measured => {
  const { compound } = facts;
  const words = positionWords(parameters.positions);
  const wanted = compound.positions.filter(({ kind }) => parameters.positions.includes(kind));
  if (wanted.length === 0) {
    const figure = parameters.notApplicableIfZero;
    const noNeed = figure !== undefined && compound.figures[figure] === 0;
    return noNeed || (parameters.whenNone === 'not-applicable' && compound.positions.length > 0)
      ? notApplicable({ zh: `小区没有${words.zh}`, en: `the compound has no ${words.en}` })
      : noEvidence({ zh: `请登记${words.zh}`, en: `register the ${words.en}` });
  }
  const covered = new Set(
    selectDevices(facts, parameters)
      .filter(({ firstHeardAtMs }) => !parameters.heard || firstHeardAtMs !== null)
      .flatMap(({ device }) => [...(device.position === undefined ? [] : [device.position]), ...device.covers]),
  );
  const lacking = wanted.filter(({ id }) => !covered.has(id));
  const short = shortfallWords(lacking.map(({ name }) => name));
  const met = wanted.length - lacking.length;
  return percentOf(met, wanted.length, {
    zh: `${words.zh}共 ${wanted.length} 处，${met} 处达到${short.zh}`,
    en: `${met} of ${wanted.length} ${words.en}${short.en}`,
  });
};

export const gatesWithAnotherWayParameters = z.strictObject({
  name: z.literal('gates-with-another-way'),
  feature: z.enum(deviceFeatures),
  otherWays: z.array(z.enum(deviceFeatures)).min(1),
  whenNone,
});

/** Share of the gates with that feature that also take one of the other ways. */
export const gatesWithAnotherWay = (
  facts: RatingFacts,
  { feature, otherWays, whenNone: none }: z.infer<typeof gatesWithAnotherWayParameters>,
): Measured => {
  const gates = selectDevices(facts, { deviceKinds: ['access-gate'] });
  const asked = gates.filter((gate) => hasFeature(gate, [feature]));
  const words = featureWords([feature]);
  if (asked.length === 0) {
    return none === 'not-applicable' && gates.length > 0
      ? notApplicable({ zh: `没有使用${words.zh}的门禁`, en: `no gate uses ${words.en}` })
      : noEvidence({ zh: '请登记门禁道闸及其识别方式', en: 'register the access gates and what they take' });
  }
  const lacking = asked.filter((gate) => !hasFeature(gate, otherWays));
  const short = shortfallWords(lacking.map(({ device }) => device.name));
  const met = asked.length - lacking.length;
  const others = featureWords(otherWays);
  return percentOf(met, asked.length, {
    zh: `${asked.length} 台${words.zh}门禁中 ${met} 台另支持${others.zh}之一${short.zh}`,
    en: `${met} of ${asked.length} gates with ${words.en} also take one of ${others.en}${short.en}`,
  });
};

const numerator = z
  .strictObject({
    figure: numberFigure.optional(),
    /** Ports of the registered devices, where the register gives no figure. */
    portsOf: z
      .strictObject({
        deviceKinds: z.array(z.enum(deviceKinds)).min(1),
        feature: z.enum(deviceFeatures).optional(),
        withoutFeature: z.enum(deviceFeatures).optional(),
      })
      .optional(),
  })
  .refine(({ figure, portsOf }) => figure !== undefined || portsOf !== undefined, 'names a figure, portsOf or both');

export const figureRatioParameters = z.strictObject({
  name: z.literal('figure-ratio'),
  numerator,
  denominator: numberFigure,
  percent: z.boolean(),
});

const numeratorOf = (facts: RatingFacts, { figure, portsOf }: z.infer<typeof numerator>): number | undefined => {
  const given = figure === undefined ? undefined : facts.compound.figures[figure];
  if (given !== undefined || portsOf === undefined) return given;
  const { feature, withoutFeature } = portsOf;
  const devices = selectDevices(facts, {
    deviceKinds: portsOf.deviceKinds,
    ...(feature === undefined ? {} : { features: [feature] }),
  }).filter((device) => withoutFeature === undefined || !hasFeature(device, [withoutFeature]));
  // Nothing registered is no evidence, not a count of zero.
  if (devices.length === 0) return undefined;
  return devices.reduce((sum, { device }) => sum + (device.ports ?? 1), 0);
};

/** One figure of the register ÷ another. It does not apply where there is nothing to divide by. */
export const figureRatio = (facts: RatingFacts, parameters: z.infer<typeof figureRatioParameters>): Measured => {
  const { denominator, percent } = parameters;
  const below = facts.compound.figures[denominator];
  const words = figureWords([denominator]);
  if (below === 0) return notApplicable({ zh: `${words.zh}为 0`, en: `${words.en}: 0` });
  if (below === undefined) return noEvidence({ zh: `请登记${words.zh}`, en: `register the number of ${words.en}` });
  const above = numeratorOf(facts, parameters.numerator);
  const { figure, portsOf } = parameters.numerator;
  const aboveWords =
    figure !== undefined
      ? figureWords([figure])
      : deviceWords({
          deviceKinds: portsOf?.deviceKinds,
          ...(portsOf?.feature ? { features: [portsOf.feature] } : {}),
        });
  if (above === undefined) return noEvidence({ zh: `请登记${aboveWords.zh}`, en: `register the ${aboveWords.en}` });
  const detail = {
    zh: `${aboveWords.zh} ${above}，${words.zh} ${below}`,
    en: `${aboveWords.en} ${above}, ${words.en} ${below}`,
  };
  const share = percentOf(above, below, detail);
  return percent ? share : { ...share, value: above / below };
};

export const figurePresentParameters = z.strictObject({
  name: z.literal('figure-present'),
  figures: z.array(booleanFigure).min(1),
});

/** Share of the named entries that are on record. One that nobody answered is no evidence, unless another is a no. */
export const figurePresent = (
  { compound }: RatingFacts,
  { figures }: z.infer<typeof figurePresentParameters>,
): Measured => {
  const unanswered = figures.filter((figure) => compound.figures[figure] === undefined);
  const denied = figures.filter((figure) => compound.figures[figure] === false);
  if (unanswered.length > 0 && denied.length === 0) {
    const words = figureWords(unanswered);
    return noEvidence({ zh: `请登记：${words.zh}`, en: `state in the register: ${words.en}` });
  }
  const present = figures.filter((figure) => compound.figures[figure] === true);
  const words = figureWords(figures);
  const short = shortfallWords(denied.map((figure) => figureWords([figure]).zh));
  const shortEnglish = shortfallWords(denied.map((figure) => figureWords([figure]).en));
  return percentOf(present.length, figures.length, {
    zh: `${words.zh}：${figures.length} 项中有 ${present.length} 项${short.zh}`,
    en: `${words.en}: ${present.length} of ${figures.length}${shortEnglish.en}`,
  });
};

const compoundField = z.enum(['code', 'district', 'coordinates']);
const deviceField = z.enum(['name', 'position', 'externalId']);
const compoundFieldWords = {
  code: { zh: '小区编码', en: 'code of the compound' },
  district: { zh: '行政区划', en: 'district' },
  coordinates: { zh: '坐标', en: 'coordinates' },
} as const;

export const masterDataCompleteParameters = z.strictObject({
  name: z.literal('master-data-complete'),
  deviceFields: z.array(deviceField),
  compoundFields: z.array(compoundField),
  whenNone,
});

/** Share of the devices whose own fields and whose compound's fields are all filled. */
export const masterDataComplete = (
  { compound, devices }: RatingFacts,
  parameters: z.infer<typeof masterDataCompleteParameters>,
): Measured => {
  if (devices.length === 0) {
    return parameters.whenNone === 'not-applicable'
      ? notApplicable({ zh: '没有设备', en: 'no devices' })
      : noEvidence({ zh: '请登记设备', en: 'register the devices' });
  }
  const lackingFields = parameters.compoundFields.filter((field) => compound[field] === undefined);
  const lackingDevices = devices.filter(({ device }) =>
    parameters.deviceFields.some((field) => device[field] === undefined),
  );
  const complete = lackingFields.length > 0 ? 0 : devices.length - lackingDevices.length;
  const names = lackingDevices.map(({ device }) => device.name);
  const zh = shortfallWords([...lackingFields.map((field) => compoundFieldWords[field].zh), ...names]).zh;
  const en = shortfallWords([...lackingFields.map((field) => compoundFieldWords[field].en), ...names]).en;
  return percentOf(complete, devices.length, {
    zh: `${devices.length} 台设备中 ${complete} 台信息完整${zh}`,
    en: `${complete} of ${devices.length} devices complete${en}`,
  });
};
