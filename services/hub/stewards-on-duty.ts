import type { RegistryIndex } from '../registry/registry-index.ts';
import type { createTurns, Duty } from '../work-orders/duty.ts';

/** The stewards (楼宇管家) of the registry have duty at any hour; by turns, those of the compound's buildings. */
export const stewardsOnDuty = (
  index: Pick<RegistryIndex, 'compound'>,
  turns: ReturnType<typeof createTurns>,
): Duty => ({
  onDuty: ({ compound, building }) =>
    index.compound(compound)?.buildings.find(({ id }) => id === building)?.steward?.name,
  async nextInTurn({ compound }, atMs) {
    const stewards = index.compound(compound)?.buildings.flatMap(({ steward }) => steward?.name ?? []) ?? [];
    return turns(compound, [...new Set(stewards)], atMs);
  },
});
