export interface Settings {
  language: 'zh' | 'en';
  theme: 'light' | 'dark';
  /** The last chosen compound; empty: all of them. */
  compound: string;
}
export const defaultSettings: Settings = { language: 'zh', theme: 'light', compound: '' };

const settingsKey = 'xingyuan.settings';
/** Muting is one person's own: the next one on shift hears again. */
const muteKey = (user: string): string => `xingyuan.muted.${user}`;

/** By what name orders go to whoever is logged in; one telephone, one person. */
const personKey = (user: string): string => `xingyuan.person.${user}`;

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** A private window may refuse storage; the page works without. */
const read = (store: Store, key: string): string | null => {
  try {
    return store.getItem(key);
  } catch {
    return null;
  }
};
const write = (store: Store, key: string, value: string): void => {
  try {
    store.setItem(key, value);
  } catch {
    // Kept for this visit only.
  }
};

export function readSettings(store: Store): Settings {
  let stored: unknown;
  try {
    stored = JSON.parse(read(store, settingsKey) ?? '{}');
  } catch {
    stored = {};
  }
  const found = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
  return {
    language: found.language === 'en' ? 'en' : 'zh',
    theme: found.theme === 'dark' ? 'dark' : 'light',
    compound: typeof found.compound === 'string' ? found.compound : '',
  };
}

export const writeSettings = (store: Store, settings: Settings): void =>
  write(store, settingsKey, JSON.stringify(settings));
export const readMuted = (store: Store, user: string): boolean => read(store, muteKey(user)) === 'yes';
export const writeMuted = (store: Store, user: string, muted: boolean): void =>
  write(store, muteKey(user), muted ? 'yes' : 'no');
export const readPerson = (store: Store, user: string): string | null => read(store, personKey(user));
export const writePerson = (store: Store, user: string, name: string): void => write(store, personKey(user), name);
