import type { Bilingual, Measured } from './measures/measured.ts';
import type { verdicts } from './rating.ts';
import type { Column, Criterion } from './standard.ts';

/** Sums of shares are compared with whole bands: what binary fractions lose must not cost a star. */
export const rounded = (points: number): number => Math.round(points * 1e6) / 1e6;

export type Verdict = (typeof verdicts)[number];

/** A criterion with what was measured for it and what that earns. */
export interface Judged {
  criterion: Criterion;
  measured: Measured;
  points: number;
  /** 0 where it does not apply. */
  pointsMax: number;
}

export const verdictOf = (
  { criterion: { thresholds }, measured: { applicable, value } }: Pick<Judged, 'criterion' | 'measured'>,
  column: Column,
): Verdict => {
  if (!applicable) return 'not-applicable';
  if (value === null) return 'no-evidence';
  return value >= thresholds[column] ? 'met' : 'not-met';
};

/** What it still has to give. */
export const pointsLost = ({ points, pointsMax }: Pick<Judged, 'points' | 'pointsMax'>): number =>
  rounded(pointsMax - points);

export interface JudgedCategory {
  id: string;
  title: Bilingual;
  points: number;
  pointsMax: number;
  floorPoints: number;
  floorMet: boolean;
}
