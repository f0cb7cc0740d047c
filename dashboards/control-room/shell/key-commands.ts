import type { PageName } from '../route.ts';

export type KeyCommand =
  | 'next'
  | 'previous'
  | 'open'
  | 'search'
  | 'help'
  | 'mute'
  | 'acknowledge'
  | 'dispatch'
  | 'arrive'
  | 'resolve'
  | 'close'
  | 'note'
  | `page-${PageName}`;

/** Also what the help shows, in this order. */
export const keysOf: Record<KeyCommand, string> = {
  next: 'j',
  previous: 'k',
  open: 'Enter',
  acknowledge: 'a',
  dispatch: 'd',
  arrive: 'r',
  resolve: 's',
  close: 'c',
  note: 'n',
  search: '/',
  mute: 'm',
  help: '?',
  'page-now': '1',
  'page-orders': '2',
  'page-devices': '3',
  'page-stars': '4',
};

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** What has the focus: `typing` in a field or a dialog, `control` on a button or link. */
  focus: 'typing' | 'control' | 'page';
}

/** A key means a command only where nobody types; Enter on a button or link stays the button's own. */
export function commandOf(press: KeyPress): KeyCommand | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.focus === 'typing') return undefined;
  if (press.key === 'Enter' && press.focus === 'control') return undefined;
  const entries = Object.entries(keysOf) as [KeyCommand, string][];
  return entries.find(([, key]) => key === press.key)?.[0];
}
