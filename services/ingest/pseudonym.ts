import { createHmac, randomBytes } from 'node:crypto';
import type { Sql } from '../runtime/sql.ts';

/**
 * Faces, plates, cards and accounts become pseudonyms before anything is stored. The key belongs to a compound and a
 * month: within it the same card gives the same pseudonym, and destroying the key makes all of them meaningless.
 */
export interface Pseudonymizer {
  /** `undefined` while the month's key is not loaded yet: call `load` and ask again. */
  key(compound: string, month: string): Buffer | undefined;
  load(compound: string, month: string): Promise<void>;
}

export const createPseudonymizer = (sql: Sql): Pseudonymizer => {
  const keys = new Map<string, Buffer>();
  return {
    key: (compound, month) => keys.get(`${compound}|${month}`),
    async load(compound, month) {
      // Two processes may meet here: whoever comes first keeps its key, both read that one back.
      await sql.query('INSERT INTO hub.pseudonym_key VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        compound,
        month,
        randomBytes(32),
      ]);
      const { rows } = await sql.query<{ key: Buffer }>(
        'SELECT key FROM hub.pseudonym_key WHERE compound = $1 AND month = $2',
        [compound, month],
      );
      keys.set(`${compound}|${month}`, rows[0]!.key);
    },
  };
};

/** 80 bits, enough that two cards of one compound and month never meet. */
export const pseudonym = (key: Buffer, value: string): string =>
  `p-${createHmac('sha256', key).update(value).digest('hex').slice(0, 20)}`;

interface Personal {
  credential?: string | { reference?: string };
}

/** Whom an event's data names: a credential is the only place where a contract lets one in. */
export const personIn = (data: Record<string, unknown>): string | undefined => {
  const { credential } = data as Personal;
  return typeof credential === 'string' ? credential : credential?.reference;
};

export const namesPerson = (data: Record<string, unknown>): boolean => personIn(data) !== undefined;

/** The data with the person under another name; equal to `data` where nobody is named. */
export const withPersonAs = (
  data: Record<string, unknown>,
  nameOf: (person: string) => string,
): Record<string, unknown> => {
  const person = personIn(data);
  if (person === undefined) return data;
  const { credential } = data as Personal;
  const name = nameOf(person);
  return { ...data, credential: typeof credential === 'string' ? name : { ...credential, reference: name } };
};

export const withPseudonym = (data: Record<string, unknown>, key: Buffer): Record<string, unknown> =>
  withPersonAs(data, (person) => pseudonym(key, person));
