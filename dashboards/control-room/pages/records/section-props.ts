import type { CompoundItem } from '../../../../services/api/schemas.ts';

export interface SectionProps {
  compound: CompoundItem;
  canAct: boolean;
  /** What raises numbers by a word alone is an administrator's to say. */
  isAdmin: boolean;
}
