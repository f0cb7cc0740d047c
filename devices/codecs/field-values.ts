const numeric = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/;

/** A number, also in quotes; anything else is none. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && numeric.test(value.trim()) ? Number(value) : undefined;
};

const yes = new Set(['true', 'yes', 'on', '1', 'alarm', 'active', 'triggered', 'detected', 'trigger']);
const no = new Set(['false', 'no', 'off', '0', 'normal', 'inactive', 'none', 'clear', 'ok', 'idle']);

/** A yes or no in any of the spellings devices use, and in the two words given; any other word is neither. */
export const flagOf = (
  value: unknown,
  on: readonly string[] = [],
  off: readonly string[] = [],
): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const word = String(value).trim().toLowerCase();
  if (yes.has(word) || on.includes(word)) return true;
  return no.has(word) || off.includes(word) ? false : undefined;
};

/** The entry of a table under a word that came from outside; `constructor` and the like are no entries. */
export const entryOf = <T>(table: Record<string, T>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
