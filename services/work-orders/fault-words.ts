import { z } from 'zod';
import { deviceModels } from '../../devices/model.ts';
import { bilingual } from '../runtime/schema.ts';
import { readDataFile } from './data-file.ts';

const words = readDataFile(z.record(z.string(), bilingual), new URL('./fault-words.yaml', import.meta.url));

type Word = z.infer<typeof bilingual>;

/** What vendors' models call the codes that are theirs alone. */
const ofModels = new Map(
  deviceModels.flatMap(({ faults }) =>
    faults.flatMap(({ code, text }): [string, Word][] => (text ? [[code, text]] : [])),
  ),
);

/** What a fault code is called; a code nobody gave a word stands as it is. */
export const faultWord = (code: string): Word => words[code] ?? ofModels.get(code) ?? { zh: code, en: code };
