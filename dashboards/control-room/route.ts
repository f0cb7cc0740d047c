/** What stands in the navigation. */
export const deskPages = [
  'now',
  'orders',
  'matters',
  'devices',
  'stars',
  'records',
  'operations',
  'programme',
  're-rating',
  'integrators',
] as const;
/** The telephone's page has a frame of its own. */
export const pages = [...deskPages, 'phone'] as const;
export type PageName = (typeof pages)[number];

/** What the address bar says: `#/devices/gate-1?compound=shengde&q=lift`. */
export interface Route {
  page: PageName;
  /** The opened order, device, criterion, form or replay; the device that is listened to. */
  id: string | undefined;
  query: Record<string, string>;
}

const isPage = (text: string | undefined): text is PageName => pages.some((page) => page === text);

/** Anything that isn't a page of ours opens the first one. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, id] = path.split('/');
  let decoded: string | undefined;
  try {
    decoded = id === undefined || id === '' ? undefined : decodeURIComponent(id);
  } catch {
    decoded = undefined;
  }
  return {
    page: isPage(page) ? page : 'now',
    id: isPage(page) ? decoded : undefined,
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function formatRoute({ page, id, query }: Route): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${page}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}
