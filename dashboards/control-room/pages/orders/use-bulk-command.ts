import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiProblem } from '../../api/client.ts';
import { sendOrderCommand } from '../../api/order-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { BulkCommand } from '../../orders/order-steps.ts';

export interface BulkWish {
  command: BulkCommand;
  ids: string[];
  body: { assignee?: string };
}

export interface BulkOutcome {
  done: number;
  refused: { id: string; code: string }[];
}

/** One after another: each is an order of its own, and one that is refused keeps none of the others back. */
export async function runBulk({ command, ids, body }: BulkWish, send = sendOrderCommand): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { done: 0, refused: [] };
  for (const id of ids) {
    try {
      await send(id, command, body);
      outcome.done += 1;
    } catch (error) {
      outcome.refused.push({ id, code: error instanceof ApiProblem ? error.code : 'page.failed' });
    }
  }
  return outcome;
}

export const useBulkCommand = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: BulkWish) => runBulk(wish),
    onSettled: () => client.invalidateQueries({ queryKey: queryKeys.orders }),
  });
};
