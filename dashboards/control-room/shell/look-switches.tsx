import { MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Segmented } from 'antd';
import { useWords } from '../locales/i18n.ts';
import { useSettings } from '../settings/settings-context.tsx';

/** Language and theme: before and after the login. */
export function LookSwitches() {
  const { t } = useWords();
  const { language, theme, change } = useSettings();
  const other = theme === 'light' ? 'dark' : 'light';
  return (
    <>
      <Segmented<'zh' | 'en'>
        aria-label={t('shell.language')}
        data-testid="language-switch"
        value={language}
        onChange={(next) => change({ language: next })}
        options={[
          { value: 'zh', label: <span lang="zh-CN">{t('shell.zh')}</span> },
          { value: 'en', label: <span lang="en">{t('shell.en')}</span> },
        ]}
      />
      <Button
        type="text"
        data-testid="theme-switch"
        aria-label={t(`shell.theme.${other}`)}
        title={t(`shell.theme.${other}`)}
        icon={theme === 'light' ? <MoonOutlined /> : <SunOutlined />}
        onClick={() => change({ theme: other })}
      />
    </>
  );
}
