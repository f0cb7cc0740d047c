import { useMemo } from 'react';
import { useOrders } from '../api/order-queries.ts';
import { useCompound } from '../shell/compound-context.tsx';

/** Who orders of a compound go to: its stewards, and whoever has one in hand now. */
export function usePeople(compound: string | undefined): string[] {
  const { compounds } = useCompound();
  const { data } = useOrders(compound, 'open');
  return useMemo(() => {
    const own = compounds.filter(({ id }) => compound === undefined || id === compound);
    const stewards = own.flatMap(({ buildings }) => buildings.flatMap(({ steward }) => steward?.name ?? []));
    const inHand = (data?.items ?? []).flatMap(({ assignee }) => assignee ?? []);
    return [...new Set([...stewards, ...inHand])].sort();
  }, [compounds, compound, data]);
}
