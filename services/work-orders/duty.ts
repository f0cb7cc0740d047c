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
export const nextOf = (people: readonly string[], last: string | null): string | undefined =>
  people[(people.indexOf(last ?? '') + 1) % Math.max(1, people.length)];
