import type { CompoundItem } from '../../../../services/api/schemas.ts';

type Figures = CompoundItem['figures'];

/** Every figure of the register that a form asks for; test/laws holds that none is left out. */
export const figureNames = {
  numbers: ['parkingSpaces', 'evReadySpaces', 'eBikes', 'eBikePorts'],
  flags: ['fireDutyRoster', 'microFireStation', 'contractDisclosed', 'feeItemsDisclosed'],
} as const satisfies { numbers: readonly (keyof Figures)[]; flags: readonly (keyof Figures)[] };

/** The register takes the figures as a whole: what the form doesn't ask for stays, what was emptied goes. */
export function figuresAfter(before: Figures, entered: Figures): Figures {
  const asked: readonly string[] = [...figureNames.numbers, ...figureNames.flags];
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !asked.includes(name)));
  return { ...kept, ...entered };
}
