import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider, Spin } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { useState } from 'react';
import { ApiProblem } from './api/client.ts';
import { forgetSession, useMe } from './api/queries.ts';
import { queryKeys } from './api/query-keys.ts';
import { LiveProvider } from './live/live-context.tsx';
import { LoginPage } from './pages/login/login-page.tsx';
import { RouteProvider } from './route-context.tsx';
import { SettingsProvider, useSettings } from './settings/settings-context.tsx';
import { ProblemNote } from './shell/problem-note.tsx';
import { Shell } from './shell/shell.tsx';
import { antTheme } from './theme.ts';

/** A refusal stays a refusal; what was only away may be back. */
const retriesOnce = (failures: number, error: Error): boolean =>
  failures < 1 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500);

const createClient = (): QueryClient => {
  const client = new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, refetchOnWindowFocus: true, retry: retriesOnce, retryDelay: 1_000 },
    },
  });
  client.getQueryCache().subscribe(({ type, query }) => {
    const error: unknown = query.state.error;
    const ended = type === 'updated' && error instanceof ApiProblem && error.status === 401;
    if (ended && query.queryKey[0] !== queryKeys.me[0]) forgetSession(client);
  });
  return client;
};

function SessionGate() {
  const me = useMe();
  if (me.isPending) return <Spin fullscreen delay={300} />;
  if (me.isError) return <ProblemNote error={me.error} onRetry={() => void me.refetch()} />;
  if (me.data === null) return <LoginPage />;
  return (
    <LiveProvider>
      <Shell me={me.data} />
    </LiveProvider>
  );
}

function Themed() {
  const { language, theme } = useSettings();
  return (
    <ConfigProvider
      theme={antTheme(theme)}
      locale={language === 'zh' ? zhCN : enUS}
      componentSize="middle"
      button={{ autoInsertSpace: false }}
    >
      <AntApp component="div" className="app">
        <RouteProvider>
          <SessionGate />
        </RouteProvider>
      </AntApp>
    </ConfigProvider>
  );
}

export function App() {
  const [client] = useState(createClient);
  return (
    <QueryClientProvider client={client}>
      <SettingsProvider>
        <Themed />
      </SettingsProvider>
    </QueryClientProvider>
  );
}
