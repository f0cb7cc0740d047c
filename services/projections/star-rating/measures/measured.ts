import { z } from 'zod';
import { deviceFeatures, deviceKinds, positionKinds } from '../../../registry/registry.ts';
import type { Contribution } from './contribution.ts';

export interface Bilingual {
  zh: string;
  en: string;
}

/** What a measure answers. "No evidence" is neither met nor not met; what does not apply leaves the rating. */
export interface Measured {
  applicable: boolean;
  /** `null`: no evidence. */
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  /** What was counted; without evidence, what to register or connect; else why it does not apply. */
  detail: () => Bilingual;
  /** Who keeps the value below `needed`, and by how much, the worst first. Only asked while the value is below it. */
  shortfall?: ((needed: number) => Bilingual) | undefined;
  /** What the value was made of, thing by thing. */
  contributions?: (() => Contribution[]) | undefined;
}

/** The words of an answer. Told only when asked: a city is rated for a year without anybody reading along. */
export type Told = Pick<Measured, 'detail' | 'shortfall' | 'contributions'>;

type Figures = Omit<Measured, keyof Told>;

/** Several stars ask for the same column. */
const toldOnce = (shortfall: (needed: number) => Bilingual): ((needed: number) => Bilingual) => {
  let told: Map<number, Bilingual> | undefined;
  return (needed) => {
    told ??= new Map();
    const known = told.get(needed) ?? shortfall(needed);
    told.set(needed, known);
    return known;
  };
};

const answer = (
  { applicable, value, numerator, denominator }: Figures,
  { detail, shortfall, contributions }: Told,
): Measured => ({
  applicable,
  value,
  numerator,
  denominator,
  detail,
  shortfall: shortfall && toldOnce(shortfall),
  contributions,
});

const nothing: Figures = { applicable: true, value: null, numerator: null, denominator: null };

export const noEvidence = (told: Pick<Told, 'detail' | 'contributions'>): Measured => answer(nothing, told);

export const notApplicable = (told: Pick<Told, 'detail' | 'contributions'>): Measured =>
  answer({ ...nothing, applicable: false }, told);

export const valued = (value: number, told: Told): Measured => answer({ ...nothing, value }, told);

/** `numerator` ÷ `denominator`, as a number; the denominator is above zero. */
export const ratio = (numerator: number, denominator: number, told: Told): Measured =>
  answer({ applicable: true, value: numerator / denominator, numerator, denominator }, told);

/** The same in percent. */
export const percentOf = (numerator: number, denominator: number, told: Told): Measured =>
  answer({ applicable: true, value: (100 * numerator) / denominator, numerator, denominator }, told);

/** What it means that there is nothing to measure. */
export const whenNone = z.enum(['not-applicable', 'no-evidence']);

/** A selection of registered devices; every part that is left out takes all. */
export const deviceSelection = {
  deviceKinds: z.array(z.enum(deviceKinds)).min(1).optional(),
  /** At least one of these. */
  features: z.array(z.enum(deviceFeatures)).min(1).optional(),
};
export const positionSelection = z.array(z.enum(positionKinds)).min(1);
/** Figures of the register that are numbers. */
export const numberFigure = z.enum(['parkingSpaces', 'evReadySpaces', 'eBikes', 'eBikePorts']);
export const booleanFigure = z.enum(['fireDutyRoster', 'microFireStation', 'contractDisclosed', 'feeItemsDisclosed']);
