import { useWords } from '../../locales/i18n.ts';
import { roundedDown } from './star-groups.ts';

/** A value with its unit, as the language writes it. */
export function useAmount(): (value: number, unit: string) => string {
  const { word, t } = useWords();
  return (value, unit) => {
    const digits = roundedDown(value, unit === '' ? 2 : 1);
    if (unit === 'd') return t('unit.d', { value: digits });
    return unit === '' ? digits : `${digits} ${word('unit', unit)}`;
  };
}
