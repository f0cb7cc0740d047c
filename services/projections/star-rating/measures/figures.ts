import { z } from 'zod';
import type { DisclosedItem } from '../../../registry/records.ts';
import { deviceFeatures, deviceKinds } from '../../../registry/registry.ts';
import type { DeviceFacts, RatingFacts } from '../facts.ts';
import { type Contribution, deviceSubject, recordBeneath, registeredBeneath } from './contribution.ts';
import {
  type Bilingual,
  booleanFigure,
  type Measured,
  noEvidence,
  notApplicable,
  numberFigure,
  percentOf,
  ratio,
} from './measured.ts';
import { hasFeature, selectDevices } from './selection.ts';
import { deviceWords, figureWords, listed, sentences } from './words.ts';

type NumberFigure = z.infer<typeof numberFigure>;
type BooleanFigure = z.infer<typeof booleanFigure>;

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

/** What stands above the line: a figure of the register, or devices with their ports; neither, no evidence. */
interface Above {
  figure: { figure: NumberFigure; count: number } | undefined;
  devices: DeviceFacts[];
}

const portsOfDevice = ({ device }: DeviceFacts): number => device.ports ?? 1;

const aboveOf = (facts: RatingFacts, { figure, portsOf }: z.infer<typeof numerator>): Above => {
  const count = figure === undefined ? undefined : facts.compound.figures[figure];
  if (figure !== undefined && count !== undefined) return { figure: { figure, count }, devices: [] };
  if (portsOf === undefined) return { figure: undefined, devices: [] };
  const { feature, withoutFeature } = portsOf;
  const devices = selectDevices(facts, {
    deviceKinds: portsOf.deviceKinds,
    ...(feature === undefined ? {} : { features: [feature] }),
  }).filter((device) => withoutFeature === undefined || !hasFeature(device, [withoutFeature]));
  return { figure: undefined, devices };
};

const aboveWords = ({ figure, portsOf }: z.infer<typeof numerator>): Bilingual =>
  figure !== undefined
    ? figureWords([figure])
    : deviceWords({
        deviceKinds: portsOf?.deviceKinds,
        ...(portsOf?.feature ? { features: [portsOf.feature] } : {}),
      });

const figureContribution = (
  facts: RatingFacts,
  figure: NumberFigure | BooleanFigure,
  told: Pick<Contribution, 'counted' | 'numerator' | 'denominator' | 'text'>,
): Contribution => ({
  subject: { kind: 'figure', id: figure, name: figureWords([figure]).zh },
  value: null,
  ...told,
  intervals: [],
  beneath: registeredBeneath(facts, 'compound'),
});

const inRegister = (count: number | undefined): Bilingual =>
  count === undefined
    ? { zh: '未登记', en: 'not in the register' }
    : { zh: `登记为 ${count}`, en: `${count} in the register` };

const ratioContributions = (facts: RatingFacts, { figure, devices }: Above, below: NumberFigure): Contribution[] => {
  const count = facts.compound.figures[below];
  return [
    figureContribution(facts, below, {
      counted: count !== undefined,
      numerator: 0,
      denominator: count ?? null,
      text: inRegister(count),
    }),
    ...(figure === undefined
      ? []
      : [
          figureContribution(facts, figure.figure, {
            counted: true,
            numerator: figure.count,
            denominator: 0,
            text: inRegister(figure.count),
          }),
        ]),
    ...devices.map((device): Contribution => {
      const ports = portsOfDevice(device);
      return {
        subject: deviceSubject(device.device),
        counted: true,
        value: null,
        numerator: ports,
        denominator: 0,
        text: { zh: `${ports} 个端口`, en: ports === 1 ? '1 port' : `${ports} ports` },
        intervals: [],
        beneath: registeredBeneath(facts, [device.device]),
      };
    }),
  ];
};

/** One figure of the register ÷ another. It does not apply where there is nothing to divide by. */
export const figureRatio = (facts: RatingFacts, parameters: z.infer<typeof figureRatioParameters>): Measured => {
  const { denominator, percent } = parameters;
  const below = facts.compound.figures[denominator];
  const words = figureWords([denominator]);
  const above = aboveOf(facts, parameters.numerator);
  const contributions = (): Contribution[] => ratioContributions(facts, above, denominator);
  if (below === 0)
    return notApplicable({ detail: () => ({ zh: `${words.zh}为 0`, en: `${words.en}: 0` }), contributions });
  if (below === undefined) {
    return noEvidence({
      detail: () => ({ zh: `请登记${words.zh}`, en: `register the number of ${words.en}` }),
      contributions,
    });
  }
  const named = aboveWords(parameters.numerator);
  // Nothing registered is no evidence, not a count of zero.
  if (above.figure === undefined && above.devices.length === 0) {
    return noEvidence({ detail: () => ({ zh: `请登记${named.zh}`, en: `register the ${named.en}` }), contributions });
  }
  const count = above.figure?.count ?? above.devices.reduce((sum, device) => sum + portsOfDevice(device), 0);
  return (percent ? percentOf : ratio)(count, below, {
    detail: () => ({
      zh: `${named.zh} ${count}，${words.zh} ${below}`,
      en: `${named.en} ${count}, ${words.en} ${below}`,
    }),
    shortfall: (needed) => {
      const more = Math.ceil((percent ? needed / 100 : needed) * below - 1e-9) - count;
      return { zh: `${named.zh}还差 ${more}`, en: `${named.en}: ${more} more` };
    },
    contributions,
  });
};

export const figurePresentParameters = z.strictObject({
  name: z.literal('figure-present'),
  figures: z.array(booleanFigure).min(1),
});

/** Entries that a publication on record answers better than the register does. */
const publishedAs: Partial<Record<BooleanFigure, DisclosedItem>> = {
  contractDisclosed: 'contract',
  feeItemsDisclosed: 'fee-items',
};

interface Entry {
  figure: BooleanFigure;
  /** `undefined`: nobody answered. */
  present: boolean | undefined;
  /** The publication in force, or the newest that ran out. */
  publication: RatingFacts['disclosures'][number] | undefined;
}

const entryOf = ({ compound, disclosures, atMs }: RatingFacts, figure: BooleanFigure): Entry => {
  const published = disclosures
    .filter(({ item }) => item === publishedAs[figure])
    .sort((a, b) => b.publishedAtMs - a.publishedAtMs);
  const inForce = published.find(({ untilMs }) => untilMs === null || untilMs > atMs);
  if (inForce !== undefined) return { figure, present: true, publication: inForce };
  const stated = compound.figures[figure];
  return { figure, present: stated ?? (published.length > 0 ? false : undefined), publication: published[0] };
};

const entryText = ({ present, publication }: Entry): Bilingual => {
  if (publication !== undefined) {
    return present === true
      ? { zh: '已公开', en: 'published' }
      : { zh: '公开已过期', en: 'the publication has run out' };
  }
  if (present === undefined) return { zh: '未登记', en: 'not stated in the register' };
  return present ? { zh: '登记为有', en: 'on record' } : { zh: '登记为无', en: 'denied in the register' };
};

/** Share of the named entries that are on record. One that nobody answered is no evidence, unless another is a no. */
export const figurePresent = (facts: RatingFacts, { figures }: z.infer<typeof figurePresentParameters>): Measured => {
  const entries = figures.map((figure) => entryOf(facts, figure));
  const wordsOf = (of: readonly Entry[]): Bilingual => listed(of, ({ figure }) => figureWords([figure]));
  const unanswered = entries.filter(({ present }) => present === undefined);
  const denied = entries.filter(({ present }) => present === false);
  const contributions = (): Contribution[] =>
    entries.map((entry) => ({
      ...figureContribution(facts, entry.figure, {
        counted: true,
        numerator: entry.present === true ? 1 : 0,
        denominator: 1,
        text: entryText(entry),
      }),
      ...(entry.publication === undefined ? {} : { beneath: recordBeneath(facts, entry.publication.id) }),
    }));
  if (unanswered.length > 0 && denied.length === 0) {
    return noEvidence({
      detail: () => {
        const words = wordsOf(unanswered);
        return { zh: `请登记：${words.zh}`, en: `state in the register: ${words.en}` };
      },
      contributions,
    });
  }
  const present = figures.length - unanswered.length - denied.length;
  return percentOf(present, figures.length, {
    detail: () => {
      const words = figureWords(figures);
      return {
        zh: `${words.zh}：${figures.length} 项中 ${present} 项在册`,
        en: `${present} of ${figures.length} on record: ${words.en}`,
      };
    },
    shortfall: () => {
      const [no, open] = [wordsOf(denied), wordsOf(unanswered)];
      return sentences([
        denied.length === 0 ? undefined : { zh: `缺：${no.zh}`, en: `lacking: ${no.en}` },
        unanswered.length === 0
          ? undefined
          : { zh: `未登记：${open.zh}`, en: `not stated in the register: ${open.en}` },
      ]);
    },
    contributions,
  });
};
