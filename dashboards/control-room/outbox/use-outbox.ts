import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { sendOrderCommand, sendPhoto } from '../api/order-queries.ts';
import { queryKeys } from '../api/query-keys.ts';
import { useLiveState } from '../live/live-context.tsx';
import { useWords } from '../locales/i18n.ts';
import { absoluteTime } from '../locales/instant.ts';
import { createOutbox, type Waiting, type Wish } from './outbox.ts';

const retryMs = 10_000;
/** From here on the hub's own instant says too little of when it was done. */
const lateMs = 60_000;

/** Lists follow the log a moment later; until then the answer to a command is what holds. */
const followsAfterMs = 3_000;

/** Orders as the hub answered a command, for as long as a list may still show them as they were. */
function useTold(): [ReadonlyMap<string, WorkOrderItem>, (order: WorkOrderItem) => void] {
  const client = useQueryClient();
  const [told, setTold] = useState<ReadonlyMap<string, WorkOrderItem>>(new Map());
  const tell = useCallback(
    (order: WorkOrderItem) => {
      setTold((before) => new Map(before).set(order.id, order));
      setTimeout(() => {
        setTold((before) => new Map([...before].filter(([, one]) => one !== order)));
        void client.invalidateQueries({ queryKey: queryKeys.orders });
      }, followsAfterMs);
    },
    [client],
  );
  return [told, tell];
}

/** What this person did and the hub doesn't know yet, sent as soon as it can be. */
export function useOutbox(user: string, zone: string) {
  const client = useQueryClient();
  const { t } = useWords();
  const { status } = useLiveState();
  const [told, tell] = useTold();
  const outbox = useMemo(() => {
    const send = async ({ order, wish, atMs }: Waiting): Promise<void> => {
      if (wish.kind === 'photo') return void (await sendPhoto(order, wish.photo));
      tell(await sendOrderCommand(order, wish.name, wish.body));
      if (systemClock.now() - atMs < lateMs) return;
      const at = absoluteTime(new Date(atMs).toISOString(), zone);
      const text = t('phone.lateNote', { action: t(`action.${wish.name}`), at });
      // The step itself has arrived; a note that is lost with the connection changes nothing.
      await sendOrderCommand(order, 'note', { text }).catch(() => undefined);
    };
    return createOutbox(localStorage, `xingyuan.outbox.${user}`, send, () => {
      void client.invalidateQueries({ queryKey: queryKeys.orders });
    });
  }, [client, user, zone, t, tell]);
  const waiting = useSyncExternalStore(outbox.subscribe, outbox.waiting);
  const pending = waiting.filter(({ refused }) => refused === null).length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a stream that came back is a reason to try again
  useEffect(() => {
    if (pending === 0) return;
    const flush = () => void outbox.flush();
    flush();
    const timer = setInterval(flush, retryMs);
    addEventListener('online', flush);
    return () => {
      clearInterval(timer);
      removeEventListener('online', flush);
    };
  }, [outbox, pending, status]);
  const add = useCallback((order: string, wish: Wish) => outbox.add(order, wish, systemClock.now()), [outbox]);
  return { waiting, told, add, dismiss: outbox.dismiss };
}
