import { defaultSettings, readMuted, readSettings, writeMuted, writeSettings } from './settings.ts';

const memory = () => {
  const map = new Map<string, string>();
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  };
};

test('kept and read back', () => {
  const store = memory();
  expect(readSettings(store)).toEqual(defaultSettings);
  writeSettings(store, { language: 'en', theme: 'dark', compound: 'shengde' });
  expect(readSettings(store)).toEqual({ language: 'en', theme: 'dark', compound: 'shengde' });
});

test.each(['not json', '[]', 'null', '{"language":"xx","theme":1,"compound":7}'])(
  'nonsense %s is the default',
  (text) => {
    const store = memory();
    store.setItem('xingyuan.settings', text);
    expect(readSettings(store)).toEqual(defaultSettings);
  },
);

test('a store that refuses is no crash', () => {
  const refusing = {
    getItem: (): string | null => {
      throw new Error('denied');
    },
    setItem: () => {
      throw new Error('denied');
    },
  };
  writeSettings(refusing, defaultSettings);
  expect(readSettings(refusing)).toEqual(defaultSettings);
});

test('muting is for one person', () => {
  const store = memory();
  writeMuted(store, 'li', true);
  expect([readMuted(store, 'li'), readMuted(store, 'wang')]).toEqual([true, false]);
});
