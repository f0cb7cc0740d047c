import type { Bilingual, Measured } from './measures/measured.ts';
import type { Column, Criterion } from './standard.ts';

/** Rounded down, so that a text never shows a threshold as reached that isn't. */
const roundedDown = (value: number, decimals: number): string => {
  const factor = 10 ** decimals;
  return String(Math.floor(value * factor + 1e-9) / factor);
};

export const amount = (value: number, unit: Criterion['unit']): Bilingual => {
  if (unit === '%') return { zh: `${roundedDown(value, 1)} %`, en: `${roundedDown(value, 1)} %` };
  if (unit === 'd') return { zh: `${roundedDown(value, 1)} 天`, en: `${roundedDown(value, 1)} d` };
  return { zh: roundedDown(value, 2), en: roundedDown(value, 2) };
};

/** Who keeps the value below `needed`; `undefined` where it isn't, or where there is nobody to name. */
const lackingOf = ({ value, shortfall }: Measured, needed: number): Bilingual | undefined => {
  if (value === null || value >= needed || shortfall === undefined) return undefined;
  const words = shortfall(needed);
  return words.zh === '' ? undefined : words;
};

const capitalised = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** What was measured, against what, and who falls short of it. */
export const explanationOf = (criterion: Criterion, measured: Measured, column: Column): Bilingual => {
  const { value } = measured;
  const detail = measured.detail();
  if (!measured.applicable) return { zh: `不适用：${detail.zh}。`, en: `Does not apply: ${detail.en}.` };
  if (value === null) return { zh: `无证据：${detail.zh}。`, en: `No evidence: ${detail.en}.` };
  const is = amount(value, criterion.unit);
  const asked = amount(criterion.thresholds[column], criterion.unit);
  const star = criterion.control
    ? { zh: '应达到', en: 'asked for' }
    : { zh: `${column}★ 要求`, en: `${column}★ asks for` };
  const short = lackingOf(measured, criterion.thresholds[column]);
  return {
    zh: `${detail.zh}，即 ${is.zh}，${star.zh} ${asked.zh}。${short === undefined ? '' : `${short.zh}。`}`,
    en: `${detail.en}: ${is.en}, ${criterion.control ? `${asked.en} ${star.en}` : `${star.en} ${asked.en}`}.${
      short === undefined ? '' : ` ${capitalised(short.en)}.`
    }`,
  };
};

/** A line of the to-do list: what it is, what it must become. */
export const shortfallOf = (criterion: Criterion, measured: Measured, column: Column): Bilingual => {
  const { title, unit, thresholds } = criterion;
  if (measured.value === null) {
    const { zh, en } = measured.detail();
    return { zh: `${title.zh}：无证据，${zh}`, en: `${title.en}: no evidence, ${en}` };
  }
  const is = amount(measured.value, unit);
  const asked = amount(thresholds[column], unit);
  const short = lackingOf(measured, thresholds[column]);
  return {
    zh: `${title.zh} ${is.zh}，需 ${asked.zh}${short === undefined ? '' : `：${short.zh}`}`,
    en: `${title.en} ${is.en}, ${asked.en} needed${short === undefined ? '' : `: ${short.en}`}`,
  };
};

export const points = (value: number): string => roundedDown(value, 1);
