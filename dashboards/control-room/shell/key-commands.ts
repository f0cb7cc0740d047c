import type { CommandName } from '../api/answers.ts';
import type { PageName } from '../route.ts';

export type KeyCommand =
  | 'next'
  | 'previous'
  | 'open'
  | 'search'
  | 'help'
  | 'mute'
  | 'mark'
  | Exclude<CommandName, 'resume'>
  | `page-${Exclude<PageName, 'phone'>}`;

/** Also what the help shows, in this order. */
export const keysOf: Record<KeyCommand, string> = {
  next: 'j',
  previous: 'k',
  open: 'Enter',
  acknowledge: 'a',
  dispatch: 'd',
  accept: 'y',
  arrive: 'r',
  resolve: 's',
  confirm: 'o',
  close: 'c',
  note: 'n',
  pause: 'p',
  transfer: 't',
  return: 'b',
  grab: 'g',
  offer: 'w',
  'add-part': 'e',
  'add-cost': 'f',
  rate: 'v',
  reopen: 'u',
  cancel: 'q',
  mark: 'x',
  search: '/',
  mute: 'm',
  help: '?',
  'page-now': '1',
  'page-orders': '2',
  'page-devices': '3',
  'page-stars': '4',
  'page-records': '5',
  'page-programme': '6',
  'page-re-rating': '7',
  'page-matters': '8',
  'page-operations': '9',
  'page-integrators': '0',
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
