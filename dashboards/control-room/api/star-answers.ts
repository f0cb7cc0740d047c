import type { z } from 'zod';
import type { evidencePage } from '../../../services/projections/star-rating/evidence.ts';

export type EvidencePage = z.infer<typeof evidencePage>;

/** What a rating is asked for; all left out: now, by all that is known, under the standard in force. */
export interface RatingView {
  at?: string | undefined;
  knownAt?: string | undefined;
  standard?: string | undefined;
}

interface Bilingual {
  zh: string;
  en: string;
}

export interface StandardItem {
  name: string;
  title: Bilingual;
  effectiveFrom: string;
  criteria: number;
  /** What must be known of its numbers. */
  notice?: Bilingual;
  /** Made up or not in force yet: only ever used when asked for by name. */
  draft?: boolean;
}

export interface EvidenceEvent {
  position: string;
  id: string;
  type: string;
  occurredAt: string;
  receivedAt: string;
  late: boolean;
  data: unknown;
  sourceId?: string;
  /** Where the bytes of a refused message are kept. */
  deadLetter?: string;
  message?: string;
}
export interface EvidenceEventPage {
  items: EvidenceEvent[];
  /** A page may be empty and still have a next one. */
  next: string | null;
  /** What a recorded event holds of its message, and what is left out on purpose. */
  record: Bilingual;
}
