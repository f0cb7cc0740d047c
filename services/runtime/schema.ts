import { z } from 'zod';

/** An instant on the wire: ISO 8601 with a zone. */
export const instant = z.iso.datetime({ offset: true });
export const bilingual = z.object({ zh: z.string(), en: z.string() });
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), /** Cursor of the next page; `null` at the end. */ next: z.string().nullable() });
