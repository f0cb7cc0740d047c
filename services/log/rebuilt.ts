import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import type { Rebuilt } from '../event-log/postgres/backup.ts';
import { projectionsFor, readModels } from '../hub/projections.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import type { Sql } from '../runtime/sql.ts';

/** What a hub computes again when it starts over a restored log. */
export const rebuilt: Rebuilt = {
  projections: readModels.map(({ name }) => name),
  tables: readModels.flatMap(({ tables }) => tables),
};

/** Makes the tables of what is never computed again, as it writes to the log itself; the others a start makes. */
export const makeKeptTables = async (sql: Sql): Promise<void> => {
  const writing = projectionsFor(['work-orders'], createMemoryEventLog(), createRegistryIndex());
  for (const { schema, prepare } of writing.filter(({ rebuildable }) => rebuildable === false)) {
    await sql.query(schema);
    await prepare?.(sql);
  }
};
