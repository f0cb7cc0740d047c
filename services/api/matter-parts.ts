import { Refusal } from '../event-log/decider.ts';
import type { MatterParty } from '../work-orders/ladder/matter-commands.ts';
import type { MatterState } from '../work-orders/ladder/matter-state.ts';
import type { Account, AccountRole } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const partyOf: Partial<Record<AccountRole, MatterParty>> = {
  operator: 'property',
  community: 'community',
  department: 'department',
};

const notYourPart = (detail: string): ApiRefusal => new ApiRefusal(403, 'matter.not-your-part', detail);

/** Refuses what is another party's to wish, or another department's than the account's. */
export const checkPart = (
  { user, role, department }: Account,
  wished: string,
  parties: readonly MatterParty[],
  data: object = {},
): void => {
  const party = partyOf[role];
  if (role !== 'admin' && (party === undefined || !parties.includes(party))) {
    throw notYourPart(`${wished} is for ${parties.join(' or ')}; ${user} has the role ${role}.`);
  }
  if (department === null || !('department' in data) || data.department === department) return;
  throw notYourPart(`${wished}: ${user} speaks for ${department}, not for ${String(data.department)}.`);
};

/** To an account of one department a matter that it wasn't whistled for is not there. */
export const checkConcerns = (
  { department }: Account,
  matter: string,
  { whistles }: Pick<MatterState, 'whistles'>,
): void => {
  if (department === null || whistles.some((whistle) => whistle.department === department)) return;
  throw new Refusal('matter.unknown', `there is no matter ${matter} for ${department}`);
};
