import { quantities } from '../../../devices/quantities.ts';
import type { EventItem } from '../../../services/api/schemas.ts';

type Language = 'zh' | 'en';
/** Where words for codes come from. */
export interface WordSource {
  language: Language;
  /** Family and code in the catalogues; the code itself where there are no words. */
  word(family: string, code: string): string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const quantity = (name: string) => Object.entries(quantities).find(([key]) => key === name)?.[1];

export const quantityName = (name: string, language: Language): string => quantity(name)?.title[language] ?? name;

/** `21.5 °C`; a state held as 0 or 1 is "no" or "yes". */
export function readingText(
  name: string,
  value: number,
  word: WordSource['word'],
  unit: string | undefined = quantity(name)?.unit,
): string {
  if (unit === '0/1' && (value === 0 || value === 1)) return word('data.flag', String(value));
  const rounded = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return unit === undefined || unit === '1' ? rounded : `${rounded} ${unit}`;
}

function measured(values: Record<string, unknown>, { language, word }: WordSource): string {
  return Object.entries(values)
    .flatMap(([name, value]) =>
      typeof value === 'number' ? [`${quantityName(name, language)} ${readingText(name, value, word)}`] : [],
    )
    .join(language === 'zh' ? '，' : ', ');
}

/** What an event says beyond its type, in a few words; empty where it says nothing more. */
export function eventSummary({ type, data }: Pick<EventItem, 'type' | 'data'>, words: WordSource): string {
  const { word, language } = words;
  if (!isRecord(data)) return '';
  if (isRecord(data.values)) return measured(data.values, words);
  const parts: string[] = [];
  if (type.startsWith('device.fault-') && typeof data.code === 'string') parts.push(word('fault', data.code));
  for (const field of ['status', 'state', 'analytic', 'direction'] as const) {
    const value = data[field];
    if (typeof value === 'string') parts.push(word(`data.${field}`, value));
  }
  if (typeof data.quantity === 'string') {
    // A detector crosses what nobody measures, e.g. smoke; that is called as its fault is.
    const { quantity: crossed } = data;
    parts.push(quantity(crossed) === undefined ? word('fault', crossed) : quantityName(crossed, language));
  }
  if (typeof data.value === 'number') parts.push(readingText(String(data.quantity ?? ''), data.value, word));
  if (data.active === false) parts.push(word('data.active', 'false'));
  if (typeof data.batteryPercent === 'number') parts.push(`${data.batteryPercent} %`);
  if (typeof data.reason === 'string') parts.push(word('data.reason', data.reason));
  if (typeof data.text === 'string') parts.push(data.text);
  return parts.join(' · ');
}
