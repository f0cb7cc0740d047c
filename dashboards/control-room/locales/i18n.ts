import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import en from './en.json';
import { plural } from './plural.ts';
import zh from './zh.json';

export type Language = 'zh' | 'en';

export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  i18next.services.formatter?.add('plural', plural);
}

export const changeLanguage = (language: Language): void => void i18next.changeLanguage(language);

/** The catalogue, and data that comes in both languages. */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'en' ? 'en' : 'zh';
  return {
    t,
    language,
    say: (text: { zh: string; en: string }): string => text[language],
    /** Words for a code that data may bring anew; the code itself where there are none. */
    word: (family: string, code: string, fallback: string = code): string => {
      const found: unknown = i18n.getResource(language, 'translation', `${family}.${code}`);
      return typeof found === 'string' ? found : fallback;
    },
  };
}
