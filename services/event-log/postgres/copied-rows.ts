import type { StoredEvent } from '../stored-event.ts';

const unescaped = (text: string): string => (text.includes('\\') ? text.replaceAll('\\\\', '\\') : text);

/**
 * The events of a commit from the bytes that were written with COPY, so that another thread need not ask for them: those
 * of the wanted types, or all.
 */
export const eventsOfRows = (rows: Uint8Array, isWanted?: (type: string) => boolean): StoredEvent[] => {
  const lines = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength).toString('utf8').split('\n');
  // Every row ends with a newline.
  lines.pop();
  const events: StoredEvent[] = [];
  for (const line of lines) {
    const columns = line.split('\t') as [...[string, string, string, string, string, string, string]];
    const [position, id, stream, revision, type, data, meta] = columns;
    if (isWanted?.(unescaped(type)) === false) continue;
    events.push({
      position: Number(position),
      stream: unescaped(stream),
      revision: Number(revision),
      id,
      type: unescaped(type),
      data: unescaped(data),
      meta: unescaped(meta),
    });
  }
  return events;
};
