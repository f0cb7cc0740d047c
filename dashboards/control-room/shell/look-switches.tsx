import { MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useWords } from '../locales/i18n.ts';
import { useSettings } from '../settings/settings-context.tsx';

/** Language and theme: before and after the login. Each shows what it leads to. */
export function LookSwitches() {
  const { t } = useWords();
  const { language, theme, change } = useSettings();
  const otherLanguage = language === 'zh' ? 'en' : 'zh';
  const otherTheme = theme === 'light' ? 'dark' : 'light';
  return (
    <>
      <Button
        type="text"
        data-testid="language-switch"
        lang={otherLanguage === 'zh' ? 'zh-CN' : 'en'}
        onClick={() => change({ language: otherLanguage })}
      >
        {t(`shell.${otherLanguage}`)}
      </Button>
      <Button
        type="text"
        data-testid="theme-switch"
        aria-label={t(`shell.theme.${otherTheme}`)}
        title={t(`shell.theme.${otherTheme}`)}
        icon={theme === 'light' ? <MoonOutlined /> : <SunOutlined />}
        onClick={() => change({ theme: otherTheme })}
      />
    </>
  );
}
