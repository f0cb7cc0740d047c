import type { Programme } from '../../../../services/projections/programme/programme.ts';

export const programmeFilters = ['all', 'holding', 'missing', 'at-risk', 'not-connected', 'counted'] as const;
export type ProgrammeFilter = (typeof programmeFilters)[number];

const fits: Record<ProgrammeFilter, (compound: Programme['compounds'][number]) => boolean> = {
  all: () => true,
  holding: ({ holdsTarget }) => holdsTarget,
  // Not connected is a state of its own: nothing is known of its stars.
  missing: ({ holdsTarget, connected }) => !holdsTarget && connected,
  'at-risk': ({ atRisk }) => atRisk,
  'not-connected': ({ connected }) => !connected,
  counted: ({ counted }) => counted,
};

export const isProgrammeFilter = (text: string | undefined): text is ProgrammeFilter =>
  programmeFilters.some((filter) => filter === text);

export interface ProgrammeChoice {
  filter: ProgrammeFilter;
  /** Empty: every district. */
  district: string;
  search: string;
}

/** What needs somebody stands first: at risk, then the fewest stars beneath their target. */
export function listProgramme(
  compounds: readonly Programme['compounds'][number][],
  { filter, district, search }: ProgrammeChoice,
): Programme['compounds'][number][] {
  const words = search.trim().toLowerCase();
  const short = ({ stars, targetStars }: Programme['compounds'][number]): number => targetStars - (stars ?? 0);
  return compounds
    .filter(
      (compound) =>
        fits[filter](compound) &&
        (district === '' || (compound.district ?? '') === district) &&
        (compound.name.toLowerCase().includes(words) || compound.id.includes(words)),
    )
    .sort((a, b) => Number(b.atRisk) - Number(a.atRisk) || short(b) - short(a) || a.name.localeCompare(b.name, 'zh'));
}

/** Share of a target that is reached, for a bar: never beyond its end. */
export const shareOf = (reached: number, target: number | null): number =>
  target === null || target <= 0 ? 0 : Math.min(1, reached / target);
