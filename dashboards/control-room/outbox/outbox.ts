import type { CommandBody, CommandName } from '../api/answers.ts';
import { ApiProblem } from '../api/client.ts';
import type { PhotoWish } from '../api/order-queries.ts';

export type Wish = { kind: 'command'; name: CommandName; body: CommandBody } | { kind: 'photo'; photo: PhotoWish };

/** Something a person did that the hub doesn't know yet. */
export interface Waiting {
  id: number;
  order: string;
  wish: Wish;
  /** When it was done, which may be long before it is sent. */
  atMs: number;
  /** Why the hub doesn't take it; `null` while it can still be sent. */
  refused: string | null;
}

export interface Outbox {
  waiting(): readonly Waiting[];
  subscribe(listener: () => void): () => void;
  add(order: string, wish: Wish, atMs: number): void;
  /** Sends what can be sent, in the order in which it was done. */
  flush(): Promise<void>;
  dismiss(id: number): void;
}

type Store = Pick<Storage, 'getItem' | 'setItem'>;

const isWaiting = (value: unknown): value is Waiting =>
  typeof value === 'object' && value !== null && 'order' in value && 'wish' in value && 'atMs' in value;

function read(store: Store, key: string): Waiting[] {
  try {
    const found: unknown = JSON.parse(store.getItem(key) ?? '[]');
    return Array.isArray(found) ? found.filter(isWaiting) : [];
  } catch {
    return [];
  }
}

/** The hub can't be reached or can't answer now; a refusal is an answer. */
const isAway = (error: unknown): boolean =>
  !(error instanceof ApiProblem) || error.status === 0 || error.status === 401 || error.status >= 500;

/** Keeps what a person did without a connection, over a restart of the page too, until the hub has answered. */
export function createOutbox(
  store: Store,
  key: string,
  send: (waiting: Waiting) => Promise<unknown>,
  onSent: () => void,
): Outbox {
  let list = read(store, key);
  let sending: Promise<void> | undefined;
  const listeners = new Set<() => void>();
  const keep = (next: Waiting[]): void => {
    list = next;
    try {
      store.setItem(key, JSON.stringify(list));
    } catch {
      // No room or no right to store: kept for as long as the page stands.
    }
    for (const listener of listeners) listener();
  };
  const sendAll = async (): Promise<void> => {
    for (;;) {
      const next = list.find(({ refused }) => refused === null);
      if (next === undefined) return;
      try {
        await send(next);
        keep(list.filter(({ id }) => id !== next.id));
        onSent();
      } catch (error) {
        if (isAway(error)) return;
        const refused = error instanceof ApiProblem ? error.code : 'page.failed';
        keep(list.map((one) => (one.id === next.id ? { ...one, refused } : one)));
        onSent();
      }
    }
  };
  return {
    waiting: () => list,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add(order, wish, atMs) {
      const id = Math.max(0, ...list.map((one) => one.id)) + 1;
      keep([...list, { id, order, wish, atMs, refused: null }]);
    },
    async flush() {
      sending ??= sendAll().finally(() => {
        sending = undefined;
      });
      await sending;
    },
    dismiss(id) {
      keep(list.filter((one) => one.id !== id));
    },
  };
}
