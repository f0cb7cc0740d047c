export interface DutyPlace {
  compound: string;
  building?: string | undefined;
  trade?: string | undefined;
}

/** Who is to be sent. Names as orders carry them; `undefined` where nobody is known. */
export interface Duty {
  /** Who has duty for a place at an instant: by default the building's steward (楼宇管家). */
  onDuty(place: DutyPlace, atMs: number): string | undefined;
  /** Whose turn it is (轮训). */
  nextInTurn(place: DutyPlace, atMs: number): Promise<string | undefined>;
}

/** The one after whoever was sent last; the first where that one is no longer among them. */
const nextOf = (people: readonly string[], last: string | null): string | undefined =>
  people[(people.indexOf(last ?? '') + 1) % Math.max(1, people.length)];

/** The board that tells who was sent last is behind by less than this. */
const boardBehindMs = 10_000;

/**
 * Whose turn it is, one call after the other: two orders that are sent at once go to two people, though the board has
 * heard of neither.
 */
export const createTurns = (lastSent: (compound: string) => Promise<string | null>) => {
  const handed = new Map<string, { person: string; atMs: number }>();
  return async (compound: string, people: readonly string[], atMs: number): Promise<string | undefined> => {
    const onBoard = await lastSent(compound);
    const own = handed.get(compound);
    const isNewer = own !== undefined && Math.abs(atMs - own.atMs) < boardBehindMs;
    const person = nextOf(people, isNewer ? own.person : onBoard);
    if (person !== undefined) handed.set(compound, { person, atMs });
    return person;
  };
};
