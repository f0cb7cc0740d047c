import { QuestionCircleOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Dropdown, Select } from 'antd';
import type { Me } from '../api/answers.ts';
import { useLogout } from '../api/queries.ts';
import { useWords } from '../locales/i18n.ts';
import { deskPages } from '../route.ts';
import { useRoute } from '../route-context.tsx';
import { AlarmButton } from '../sound/alarm-button.tsx';
import { useCompound } from './compound-context.tsx';
import { LiveStatus } from './live-status.tsx';
import { LookSwitches } from './look-switches.tsx';
import { StarMark } from './star-mark.tsx';

function CompoundChoice() {
  const { t } = useWords();
  const { compounds, selected, select } = useCompound();
  if (compounds.length < 2) return <span className="compound-name">{selected?.name}</span>;
  return (
    <Select
      className="compound-select"
      data-testid="compound-select"
      aria-label={t('shell.compound')}
      value={selected?.id ?? ''}
      onChange={select}
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      options={[
        { value: '', label: t('shell.allCompounds') },
        ...compounds.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}

function Navigation() {
  const { t } = useWords();
  const { page, go } = useRoute();
  return (
    <nav aria-label={t('shell.navigation')} className="navigation">
      {deskPages.map((name) => (
        <a
          key={name}
          href={`#/${name}`}
          data-testid={`nav-${name}`}
          aria-current={page === name ? 'page' : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            go(name);
          }}
        >
          {t(`page.${name}`)}
        </a>
      ))}
    </nav>
  );
}

export function Header({ me, onHelp }: { me: Me; onHelp: () => void }) {
  const { t } = useWords();
  const logout = useLogout();
  const { go } = useRoute();
  return (
    <header className="header">
      <span className="brand">
        <StarMark /> <span className="brand-name">{t('app.name')}</span>
      </span>
      <CompoundChoice />
      <Navigation />
      <div className="header-tools">
        <LiveStatus />
        <AlarmButton user={me.user} />
        <LookSwitches />
        <Button
          type="text"
          data-testid="help"
          aria-label={t('keys.title')}
          title={t('keys.title')}
          icon={<QuestionCircleOutlined />}
          onClick={onHelp}
        />
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              { key: 'role', label: t(`role.${me.role}`), disabled: true },
              { key: 'phone', label: <span data-testid="open-phone">{t('page.phone')}</span> },
              { key: 'logout', label: <span data-testid="logout">{t('shell.logout')}</span> },
            ],
            onClick: ({ key }) => {
              if (key === 'logout') logout.mutate();
              if (key === 'phone') go('phone');
            },
          }}
        >
          <Button type="text" icon={<UserOutlined />} data-testid="user-menu" aria-haspopup="menu">
            {me.user}
          </Button>
        </Dropdown>
      </div>
    </header>
  );
}
