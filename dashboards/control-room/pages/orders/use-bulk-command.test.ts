import { ApiProblem } from '../../api/client.ts';
import type { sendOrderCommand } from '../../api/order-queries.ts';
import { runBulk } from './use-bulk-command.ts';

test('one refusal keeps none of the others back, and says which and why', async () => {
  const sent: string[] = [];
  const send = ((id: string) => {
    sent.push(id);
    if (id === 'b') throw new ApiProblem({ code: 'work-order.wrong-state', status: 409, detail: '' });
    if (id === 'c') throw new TypeError('broken');
    return Promise.resolve();
  }) as unknown as typeof sendOrderCommand;
  const outcome = await runBulk({ command: 'acknowledge', ids: ['a', 'b', 'c', 'd'], body: {} }, send);
  expect(sent).toEqual(['a', 'b', 'c', 'd']);
  expect(outcome).toEqual({
    done: 2,
    refused: [
      { id: 'b', code: 'work-order.wrong-state' },
      { id: 'c', code: 'page.failed' },
    ],
  });
});
