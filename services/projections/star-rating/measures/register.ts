import { z } from 'zod';
import { deviceFeatures } from '../../../registry/registry.ts';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { type Contribution, deviceSubject, registeredBeneath } from './contribution.ts';
import {
  type Bilingual,
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
import { deviceWords, featureWords, listed, named, positionWords, sentences } from './words.ts';

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
type CoverageParameters = z.infer<typeof positionCoverageParameters>;

const withoutPositions = ({ compound }: RatingFacts, parameters: CoverageParameters): Measured => {
  const words = positionWords(parameters.positions);
  const figure = parameters.notApplicableIfZero;
  const noNeed = figure !== undefined && compound.figures[figure] === 0;
  return noNeed || (parameters.whenNone === 'not-applicable' && compound.positions.length > 0)
    ? notApplicable({ detail: () => ({ zh: `小区没有${words.zh}`, en: `the compound has no ${words.en}` }) })
    : noEvidence({ detail: () => ({ zh: `请登记${words.zh}`, en: `register the ${words.en}` }) });
};

/** The fitting devices by the positions at which they stand, or which they also see or serve. */
const byPosition = (devices: readonly DeviceFacts[]): Map<string, DeviceFacts[]> => {
  const standing = new Map<string, DeviceFacts[]>();
  for (const facts of devices) {
    const { position, covers } = facts.device;
    for (const id of position === undefined ? covers : [position, ...covers]) {
      const own = standing.get(id);
      if (own === undefined) standing.set(id, [facts]);
      else if (own.at(-1) !== facts) own.push(facts);
    }
  }
  return standing;
};

/** Share of the positions of those kinds at which a fitting device stands, or which it also sees or serves. */
export const positionCoverage = (facts: RatingFacts, parameters: CoverageParameters): Measured => {
  const wanted = facts.compound.positions.filter(({ kind }) => parameters.positions.includes(kind));
  if (wanted.length === 0) return withoutPositions(facts, parameters);
  const standing = byPosition(selectDevices(facts, parameters));
  const at = (position: string): DeviceFacts[] => standing.get(position) ?? [];
  const counts = ({ firstHeardAtMs }: DeviceFacts): boolean => !parameters.heard || firstHeardAtMs !== null;
  const covered = wanted.filter(({ id }) => at(id).some(counts));
  const words = positionWords(parameters.positions);
  const by = deviceWords(parameters);
  return percentOf(covered.length, wanted.length, {
    detail: () => ({
      zh: `${words.zh}共 ${wanted.length} 处，${covered.length} 处达到`,
      en: `${covered.length} of ${wanted.length} ${words.en}`,
    }),
    shortfall: (needed) => {
      const bare = wanted.filter(({ id }) => at(id).length === 0).map(({ name }) => name);
      const unheard = wanted.filter(({ id }) => at(id).length > 0 && !at(id).some(counts)).map(({ name }) => name);
      const more = Math.ceil((needed * wanted.length) / 100 - 1e-9) - covered.length;
      const [lack, silent] = [named(bare), named(unheard)];
      return sentences([
        { zh: `至少还差 ${more} 处`, en: `at least ${more} more` },
        bare.length === 0 ? undefined : { zh: `缺少${by.zh}：${lack.zh}`, en: `without ${by.en}: ${lack.en}` },
        unheard.length === 0
          ? undefined
          : { zh: `已登记但从未上线：${silent.zh}`, en: `registered but never heard: ${silent.en}` },
      ]);
    },
    contributions: () =>
      wanted.map(({ id, name }): Contribution => {
        const devices = at(id);
        const isCovered = devices.some(counts);
        const names = named(devices.map(({ device }) => device.name));
        return {
          subject: { kind: 'position', id, name },
          counted: true,
          value: isCovered ? 100 : 0,
          numerator: isCovered ? 1 : 0,
          denominator: 1,
          text:
            devices.length === 0
              ? { zh: `缺少${by.zh}`, en: `without ${by.en}` }
              : isCovered
                ? names
                : { zh: `${names.zh}：从未上线`, en: `${names.en}: never heard` },
          intervals: [],
          beneath: registeredBeneath(
            facts,
            devices.map(({ device }) => device),
          ),
        };
      }),
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
  const others = featureWords(otherWays);
  const contributions = (): Contribution[] =>
    gates.map((gate) => {
      const counted = hasFeature(gate, [feature]);
      const met = hasFeature(gate, otherWays);
      const ways = featureWords(gate.device.features);
      return {
        subject: deviceSubject(gate.device),
        counted,
        value: counted ? (met ? 100 : 0) : null,
        numerator: counted ? (met ? 1 : 0) : null,
        denominator: counted ? 1 : null,
        text: counted
          ? { zh: `支持：${ways.zh}`, en: `takes ${ways.en}` }
          : { zh: `不使用${words.zh}`, en: `does not use ${words.en}` },
        intervals: [],
        beneath: registeredBeneath(facts, [gate.device]),
      };
    });
  if (asked.length === 0) {
    return none === 'not-applicable' && gates.length > 0
      ? notApplicable({
          detail: () => ({ zh: `没有使用${words.zh}的门禁`, en: `no gate uses ${words.en}` }),
          contributions,
        })
      : noEvidence({
          detail: () => ({ zh: '请登记门禁道闸及其识别方式', en: 'register the access gates and what they take' }),
        });
  }
  const lacking = asked.filter((gate) => !hasFeature(gate, otherWays));
  const met = asked.length - lacking.length;
  return percentOf(met, asked.length, {
    detail: () => ({
      zh: `${asked.length} 台${words.zh}门禁中 ${met} 台另支持${others.zh}之一`,
      en: `${met} of ${asked.length} gates with ${words.en} also take one of ${others.en}`,
    }),
    shortfall: () => {
      const names = named(lacking.map(({ device }) => device.name));
      return { zh: `只能${words.zh}：${names.zh}`, en: `${words.en} only: ${names.en}` };
    },
    contributions,
  });
};

const compoundField = z.enum(['code', 'district', 'coordinates']);
const deviceField = z.enum(['name', 'position', 'externalId']);
const fieldWords: Record<z.infer<typeof compoundField> | z.infer<typeof deviceField>, Bilingual> = {
  code: { zh: '小区编码', en: 'code of the compound' },
  district: { zh: '行政区划', en: 'district' },
  coordinates: { zh: '坐标', en: 'coordinates' },
  name: { zh: '名称', en: 'name' },
  position: { zh: '位置', en: 'position' },
  externalId: { zh: '设备编号', en: 'external id' },
};
const fieldList = (fields: readonly (keyof typeof fieldWords)[]): Bilingual =>
  listed(fields, (field) => fieldWords[field]);

export const masterDataCompleteParameters = z.strictObject({
  name: z.literal('master-data-complete'),
  deviceFields: z.array(deviceField),
  compoundFields: z.array(compoundField),
  whenNone,
});

/** Share of the devices whose own fields and whose compound's fields are all filled. */
export const masterDataComplete = (
  facts: RatingFacts,
  parameters: z.infer<typeof masterDataCompleteParameters>,
): Measured => {
  const { compound, devices } = facts;
  if (devices.length === 0) {
    return parameters.whenNone === 'not-applicable'
      ? notApplicable({ detail: () => ({ zh: '没有设备', en: 'no devices' }) })
      : noEvidence({ detail: () => ({ zh: '请登记设备', en: 'register the devices' }) });
  }
  const emptyOf = ({ device }: DeviceFacts) => parameters.deviceFields.filter((field) => device[field] === undefined);
  const empty = parameters.compoundFields.filter((field) => compound[field] === undefined);
  const lacking = devices.filter((device) => emptyOf(device).length > 0);
  const complete = empty.length > 0 ? 0 : devices.length - lacking.length;
  return percentOf(complete, devices.length, {
    detail: () => ({
      zh: `${devices.length} 台设备中 ${complete} 台信息完整`,
      en: `${complete} of ${devices.length} devices complete`,
    }),
    shortfall: () => {
      const [fields, names] = [
        fieldList(empty),
        listed(lacking, (device) => {
          const words = fieldList(emptyOf(device));
          return { zh: `${device.device.name}（${words.zh}）`, en: `${device.device.name} (${words.en})` };
        }),
      ];
      return sentences([
        empty.length === 0
          ? undefined
          : { zh: `小区登记缺：${fields.zh}`, en: `empty in the compound's register: ${fields.en}` },
        lacking.length === 0 ? undefined : { zh: `设备登记缺：${names.zh}`, en: `empty in the devices': ${names.en}` },
      ]);
    },
    contributions: () =>
      devices.map((device) => {
        const own = emptyOf(device);
        const isComplete = empty.length === 0 && own.length === 0;
        const words = fieldList([...empty, ...own]);
        return {
          subject: deviceSubject(device.device),
          counted: true,
          value: isComplete ? 100 : 0,
          numerator: isComplete ? 1 : 0,
          denominator: 1,
          text: isComplete ? { zh: '信息完整', en: 'complete' } : { zh: `缺：${words.zh}`, en: `empty: ${words.en}` },
          intervals: [],
          beneath: registeredBeneath(facts, [device.device]),
        };
      }),
  });
};
