import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { formatRoute, type PageName, parseRoute, type Route } from './route.ts';

interface RouteAccess extends Route {
  /** Another page or another opened thing; the compound stays. */
  go(page: PageName, id?: string, query?: Record<string, string>): void;
  /** The same page seen otherwise; leaves no step in the browser's history. */
  adjust(change: { id?: string | null; query?: Record<string, string> }): void;
}

const RouteContext = createContext<RouteAccess | null>(null);

export function RouteProvider({ children }: { children: ReactNode }) {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  const go = useCallback((page: PageName, id?: string, query: Record<string, string> = {}) => {
    const { compound } = parseRoute(location.hash).query;
    location.hash = formatRoute({ page, id, query: { ...(compound === undefined ? {} : { compound }), ...query } });
  }, []);
  const adjust = useCallback((change: { id?: string | null; query?: Record<string, string> }) => {
    const now = parseRoute(location.hash);
    const id = change.id === undefined ? now.id : (change.id ?? undefined);
    const next = { ...now, id, query: { ...now.query, ...change.query } };
    history.replaceState(null, '', formatRoute(next));
    setRoute(parseRoute(location.hash));
  }, []);

  return <RouteContext.Provider value={{ ...route, go, adjust }}>{children}</RouteContext.Provider>;
}

export function useRoute(): RouteAccess {
  const access = useContext(RouteContext);
  if (access === null) throw new Error('useRoute outside RouteProvider');
  return access;
}
