import { z } from 'zod';
import { bilingual } from '../runtime/schema.ts';
import { readDataFile } from './data-file.ts';

const words = readDataFile(z.record(z.string(), bilingual), new URL('./fault-words.yaml', import.meta.url));

/** What a fault code is called; a code nobody gave a word stands as it is. */
export const faultWord = (code: string): z.infer<typeof bilingual> => words[code] ?? { zh: code, en: code };
