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

function PageBody({ me }: { me: Me }) {
  const { page } = useRoute();
  const { selected, isLoading, error } = useCompound();
  const canAct = me.role !== 'viewer';
  if (isLoading) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} />;
  // A list of its own for every compound: what stood selected or scrolled in one means nothing in another.
  const key = selected?.id ?? '*';
  if (page === 'orders') return <OrdersPage key={key} canAct={canAct} />;
  if (page === 'devices') return <DevicesPage key={key} />;
  if (page === 'stars') {
    return (
      <Suspense fallback={<Spin className="page-spin" delay={300} />}>
        <StarsPage key={key} />
      </Suspense>
    );
  }
  return <NowPage key={key} canAct={canAct} />;
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
  });
  return (
    <>
      <Header me={me} onHelp={() => setHelp(true)} />
      <LiveBanner zone={(selected ?? compounds[0])?.timeZone ?? 'Asia/Shanghai'} />
      <main className="page" data-page={page} id="main">
        <h1 className="visually-hidden">{t(`page.${page}`)}</h1>
        <PageBody me={me} />
      </main>
      <KeyHelp open={help} onClose={() => setHelp(false)} />
    </>
  );
}

export function Shell({ me }: { me: Me }) {
  return (
    <CompoundProvider>
      <Frame me={me} />
    </CompoundProvider>
  );
}
