import type { Bilingual, Measured } from './measures/measured.ts';
import type { verdicts } from './rating.ts';
import type { Column, Criterion } from './standard.ts';

export type Verdict = (typeof verdicts)[number];

/** A criterion with what was measured for it and what that earns. */
export interface Judged {
  criterion: Criterion;
  measured: Measured;
  verdicts: Record<Column, Verdict>;
  points: number;
  /** 0 where it does not apply. */
  pointsMax: number;
}

export interface JudgedCategory {
  id: string;
  title: Bilingual;
  points: number;
  pointsMax: number;
  floorPoints: number;
  floorMet: boolean;
}
