import { lastInRotation } from '../projections/work-order-board/queries.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Sql } from '../runtime/sql.ts';
import { type Duty, nextOf } from '../work-orders/duty.ts';

/** The stewards (楼宇管家) of the registry have duty at any hour; by turns, those of the compound's buildings. */
export const stewardsOnDuty = (index: Pick<RegistryIndex, 'compound'>, sql: Sql): Duty => ({
  onDuty: ({ compound, building }) =>
    index.compound(compound)?.buildings.find(({ id }) => id === building)?.steward?.name,
  async nextInTurn({ compound }) {
    const stewards = index.compound(compound)?.buildings.flatMap(({ steward }) => steward?.name ?? []) ?? [];
    return nextOf([...new Set(stewards)], await lastInRotation(sql, compound));
  },
});
