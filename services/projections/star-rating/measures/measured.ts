import { z } from 'zod';
import { deviceFeatures, deviceKinds, positionKinds } from '../../../registry/registry.ts';

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
  detail: Bilingual;
}

export const notApplicable = (detail: Bilingual): Measured => ({
  applicable: false,
  value: null,
  numerator: null,
  denominator: null,
  detail,
});

export const noEvidence = (detail: Bilingual): Measured => ({ ...notApplicable(detail), applicable: true });

/** `numerator` ÷ `denominator` in percent; the denominator is above zero. */
export const percentOf = (numerator: number, denominator: number, detail: Bilingual): Measured => ({
  applicable: true,
  value: (100 * numerator) / denominator,
  numerator,
  denominator,
  detail,
});

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
