import { Button, Form, Input } from 'antd';
import { useLogin } from '../../api/queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { LookSwitches } from '../../shell/look-switches.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { StarMark } from '../../shell/star-mark.tsx';

export function LoginPage() {
  const { t } = useWords();
  const login = useLogin();
  return (
    <main className="login">
      <div className="login-switches">
        <LookSwitches />
      </div>
      <div className="login-card">
        <h1 className="login-title">
          <StarMark /> {t('app.name')}
        </h1>
        <p className="quiet">{t('app.purpose')}</p>
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={(body: { user: string; password: string }) => login.mutate(body)}
        >
          <Form.Item name="user" label={t('login.user')} rules={[{ required: true, message: t('login.userMissing') }]}>
            <Input autoFocus autoComplete="username" size="large" data-testid="login-user" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('login.password')}
            rules={[{ required: true, message: t('login.passwordMissing') }]}
          >
            <Input.Password autoComplete="current-password" size="large" data-testid="login-password" />
          </Form.Item>
          {login.isError && <ProblemNote error={login.error} testId="login-error" />}
          <Button
            type="primary"
            size="large"
            htmlType="submit"
            block
            loading={login.isPending}
            data-testid="login-submit"
          >
            {t('login.submit')}
          </Button>
        </Form>
      </div>
    </main>
  );
}
