import { Button, Select } from 'antd';
import type { ReactNode } from 'react';
import { systemClock } from '../../../../services/runtime/clock.ts';
import type { Me } from '../../api/answers.ts';
import { useLogout } from '../../api/queries.ts';
import { useLiveState, useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { shortTime } from '../../locales/instant.ts';
import { useRoute } from '../../route-context.tsx';
import { LiveStatus } from '../../shell/live-status.tsx';
import { LookSwitches } from '../../shell/look-switches.tsx';

/** Says when what stands here isn't live, of when it is, and that nothing done meanwhile is lost. */
function NotLive({ zone }: { zone: string }) {
  const { t } = useWords();
  useNow();
  const { status, heardAtMs, retry } = useLiveState();
  if (status === 'open' || status === 'connecting') return null;
  const at = heardAtMs === null ? null : shortTime(new Date(heardAtMs).toISOString(), zone, systemClock.now());
  return (
    <div className="phone-offline" role="alert" data-testid="phone-offline">
      <strong>{t('phone.notLive')}</strong>
      <span>{at === null ? t('live.neverHeard') : t('phone.asOf', { at })}</span>
      <span>{t('phone.keptHere')}</span>
      <Button size="large" onClick={retry}>
        {t('live.retry')}
      </Button>
    </div>
  );
}

/** The page of one telephone: who I am, whether it is live, and nothing that isn't needed on the way. */
export function PhoneFrame({
  me,
  person,
  people,
  zone,
  onPerson,
  children,
}: {
  me: Me;
  person: string;
  people: string[];
  zone: string;
  onPerson: (name: string) => void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const { go } = useRoute();
  const logout = useLogout();
  const names = [...new Set([me.user, person, ...people])];
  return (
    <div className="phone">
      <header className="phone-head">
        <Select
          size="large"
          className="phone-person"
          data-testid="phone-person"
          aria-label={t('phone.iAm')}
          prefix={t('phone.iAm')}
          showSearch
          value={person}
          onChange={onPerson}
          options={names.map((value) => ({ value, label: value }))}
        />
        <LiveStatus />
      </header>
      <NotLive zone={zone} />
      <main className="phone-body" id="main" data-page="phone">
        <h1 className="visually-hidden">{t('page.phone')}</h1>
        {children}
      </main>
      <footer className="phone-foot">
        <LookSwitches />
        <Button type="text" data-testid="phone-desk" onClick={() => go('now')}>
          {t('phone.desk')}
        </Button>
        <Button type="text" onClick={() => logout.mutate()}>
          {t('shell.logout')}
        </Button>
      </footer>
    </div>
  );
}
