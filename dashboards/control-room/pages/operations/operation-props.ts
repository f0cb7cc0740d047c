import type { CompoundItem } from '../../../../services/api/schemas.ts';

export interface OperationProps {
  compound: CompoundItem;
  canAct: boolean;
  isAdmin: boolean;
}
