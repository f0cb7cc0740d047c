import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { changeLanguage } from '../locales/i18n.ts';
import { applyPalette } from '../palette.ts';
import { defaultSettings, readSettings, type Settings, writeSettings } from './settings.ts';

interface SettingsAccess extends Settings {
  change(next: Partial<Settings>): void;
}
const SettingsContext = createContext<SettingsAccess>({ ...defaultSettings, change: () => undefined });

export function SettingsProvider({ children }: { children: ReactNode }) {
  const [settings, setSettings] = useState(() => readSettings(localStorage));
  const change = useCallback((next: Partial<Settings>) => setSettings((before) => ({ ...before, ...next })), []);
  useEffect(() => {
    writeSettings(localStorage, settings);
    applyPalette(document.documentElement, settings.theme);
    document.documentElement.lang = settings.language === 'zh' ? 'zh-CN' : 'en';
    changeLanguage(settings.language);
  }, [settings]);
  return <SettingsContext.Provider value={{ ...settings, change }}>{children}</SettingsContext.Provider>;
}

export const useSettings = (): SettingsAccess => useContext(SettingsContext);
