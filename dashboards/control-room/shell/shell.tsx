import { Spin } from 'antd';
import { lazy, Suspense, useState } from 'react';
import type { Me } from '../api/answers.ts';
import { useWords } from '../locales/i18n.ts';
import { DevicesPage } from '../pages/devices/devices-page.tsx';
import { NowPage } from '../pages/now/now-page.tsx';
import { OrdersPage } from '../pages/orders/orders-page.tsx';
import { useRoute } from '../route-context.tsx';
import { CompoundProvider, useCompound } from './compound-context.tsx';
import { Header } from './header.tsx';
import { KeyHelp } from './key-help.tsx';
import { LiveBanner } from './live-status.tsx';
import { ProblemNote } from './problem-note.tsx';
import { useKeyCommands } from './use-key-commands.ts';

/** Carries the charts, which no other page needs. */
const StarsPage = lazy(async () => ({ default: (await import('../pages/stars/stars-page.tsx')).StarsPage }));

const MattersPage = lazy(async () => ({
  default: (await import('../pages/matters/matters-page.tsx')).MattersPage,
}));
const OperationsPage = lazy(async () => ({
  default: (await import('../pages/operations/operations-page.tsx')).OperationsPage,
}));
const RecordsPage = lazy(async () => ({
  default: (await import('../pages/records/records-page.tsx')).RecordsPage,
}));
const ProgrammePage = lazy(async () => ({
  default: (await import('../pages/programme/programme-page.tsx')).ProgrammePage,
}));
const IntegratorsPage = lazy(async () => ({
  default: (await import('../pages/integrators/integrators-page.tsx')).IntegratorsPage,
}));
const ReRatingPage = lazy(async () => ({
  default: (await import('../pages/re-rating/re-rating-page.tsx')).ReRatingPage,
}));

function PageBody({ me }: { me: Me }) {
  const { page } = useRoute();
  const { selected, isLoading, error } = useCompound();
  const canAct = me.role === 'operator' || me.role === 'admin';
  if (isLoading) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} />;
  // A list of its own for every compound: what stood selected or scrolled in one means nothing in another.
  const key = selected?.id ?? '*';
  if (page === 'orders') return <OrdersPage key={key} canAct={canAct} />;
  if (page === 'matters') return <MattersPage key={key} role={me.role} />;
  if (page === 'operations') return <OperationsPage key={key} role={me.role} />;
  if (page === 'devices') return <DevicesPage key={key} />;
  if (page === 'stars') return <StarsPage key={key} canAct={canAct} />;
  if (page === 'records') return <RecordsPage key={key} role={me.role} />;
  // Of the whole city, whichever compound is chosen.
  if (page === 'programme') return <ProgrammePage />;
  if (page === 'integrators') return <IntegratorsPage key={key} canAct={canAct} />;
  if (page === 're-rating') return <ReRatingPage canAct={canAct} />;
  return <NowPage key={key} canAct={canAct} />;
}

/** Small, and only a telephone opens it. */
const PhonePage = lazy(async () => ({ default: (await import('../pages/phone/phone-page.tsx')).PhonePage }));

function PhoneGate({ me }: { me: Me }) {
  const { isLoading, error } = useCompound();
  if (isLoading) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} />;
  return (
    <Suspense fallback={<Spin className="page-spin" delay={300} />}>
      <PhonePage me={me} />
    </Suspense>
  );
}

function Frame({ me }: { me: Me }) {
  const { t } = useWords();
  const [help, setHelp] = useState(false);
  const { page, go } = useRoute();
  const { selected, compounds } = useCompound();
  useKeyCommands({
    help: () => setHelp(true),
    'page-now': () => go('now'),
    'page-orders': () => go('orders'),
    'page-devices': () => go('devices'),
    'page-stars': () => go('stars'),
    'page-matters': () => go('matters'),
    'page-operations': () => go('operations'),
    'page-records': () => go('records'),
    'page-programme': () => go('programme'),
    'page-re-rating': () => go('re-rating'),
    'page-integrators': () => go('integrators'),
  });
  return (
    <>
      <Header me={me} onHelp={() => setHelp(true)} />
      <LiveBanner zone={(selected ?? compounds[0])?.timeZone ?? 'Asia/Shanghai'} />
      <main className="page" data-page={page} id="main">
        <h1 className="visually-hidden">{t(`page.${page}`)}</h1>
        <Suspense fallback={<Spin className="page-spin" delay={300} />}>
          <PageBody me={me} />
        </Suspense>
      </main>
      <KeyHelp open={help} onClose={() => setHelp(false)} />
    </>
  );
}

export function Shell({ me }: { me: Me }) {
  const { page } = useRoute();
  return <CompoundProvider>{page === 'phone' ? <PhoneGate me={me} /> : <Frame me={me} />}</CompoundProvider>;
}
