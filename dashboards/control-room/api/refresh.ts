import type { QueryClient } from '@tanstack/react-query';
import type { QueryKey } from './query-keys.ts';

/** Lists that follow the log do so a moment later. */
const followsAfterMs = 1_000;

/** Asks again for what a command changed: at once, and when what follows the log has followed. */
export const refresh = (client: QueryClient, list: QueryKey): void => {
  const ask = () => void client.invalidateQueries({ queryKey: [...list] });
  ask();
  setTimeout(ask, followsAfterMs);
};
