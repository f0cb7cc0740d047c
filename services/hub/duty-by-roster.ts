import { lastInRotation } from '../projections/work-order-board/queries.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Sql } from '../runtime/sql.ts';
import { createTurns, type Duty, type DutyPlace } from '../work-orders/duty.ts';
import { onDuty } from '../work-orders/on-duty.ts';
import type { RosterBook } from '../work-orders/roster-read-model.ts';
import { stewardsOnDuty } from './stewards-on-duty.ts';

/** Where a compound isn't known (yet). */
const zoneDefault = 'Asia/Shanghai';

export const zoneOf = (index: Pick<RegistryIndex, 'compound'>, compound: string): string =>
  index.compound(compound)?.timeZone ?? zoneDefault;

/** Duty by the compound's roster; where it knows nobody at that hour, the registry's stewards. */
export const dutyByRoster = (rosters: RosterBook, index: Pick<RegistryIndex, 'compound'>, sql: Sql): Duty => {
  const turns = createTurns((compound) => lastInRotation(sql, compound));
  const stewards = stewardsOnDuty(index, turns);
  const sent = ({ compound, building, trade }: DutyPlace, atMs: number): string[] =>
    onDuty(rosters.of(compound), { building, trade }, atMs, zoneOf(index, compound))
      // The others direct, and aren't sent.
      .filter(({ role }) => role === 'technician' || role === 'steward')
      .map(({ person }) => person);
  return {
    onDuty: (place, atMs) => sent(place, atMs)[0] ?? stewards.onDuty(place, atMs),
    async nextInTurn(place, atMs) {
      const people = sent(place, atMs);
      if (people.length === 0) return stewards.nextInTurn(place, atMs);
      return turns(place.compound, people, atMs);
    },
  };
};
