/** A statement that each connection plans once and then knows by its name. */
export interface NamedStatement {
  name: string;
  text: string;
}

/** The narrow part of a PostgreSQL client that read models and queries use; `pg` pools and clients both fit. */
export interface Sql {
  // biome-ignore lint/suspicious/noExplicitAny: pg's own row type
  query<Row extends Record<string, any> = Record<string, any>>(
    statement: string | NamedStatement,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. */
export type Transact = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * An array as the server reads it, of what needs no quotes there: numbers, instants, UUIDs. The driver looks for what it
 * must escape in each element.
 */
export const arrayText = (elements: readonly (string | number)[]): string => `{${elements.join(',')}}`;
