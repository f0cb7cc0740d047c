import { type CommandMeta, type Decider, Refusal } from './decider.ts';
import { type EventLog, WrongExpectedRevision } from './event-log.ts';
import { handleCommand } from './handle-command.ts';
import { createMemoryEventLog } from './memory/memory-event-log.ts';

type Changed = { type: 'counter.changed'; data: { by: number } };
const counter: Decider<number, { by: number }, Changed> = {
  initial: 0,
  evolve: (state, { data }) => state + data.by,
  decide: ({ by }, state) => {
    if (state + by < 0) throw new Refusal('counter.below-zero', 'a counter stays above zero');
    return by === 0 ? [] : [{ type: 'counter.changed', data: { by } }];
  },
};

const meta: CommandMeta = { occurredAt: '2026-03-01T00:00:00.000Z', actor: 'user:li' };
let nextId = 0;
const newId = (): string => {
  nextId += 1;
  return `00000000-0000-8000-8000-${String(nextId).padStart(12, '0')}`;
};
const add = (log: Pick<EventLog, 'readStream' | 'append'>, by: number) =>
  handleCommand(log, { stream: 'counter-1', decider: counter, command: { by }, meta, newId });

describe('handleCommand', () => {
  test('folds the stream, appends what was decided and answers the state after it', async () => {
    const log = createMemoryEventLog();
    await add(log, 2);
    const outcome = await add(log, 3);
    expect(outcome.state).toBe(5);
    const stored = await log.readStream('counter-1');
    expect(stored.map(({ data }) => data)).toEqual([{ by: 2 }, { by: 3 }]);
    expect(outcome.events).toMatchObject([{ id: stored[1]!.id, meta: { actor: 'user:li', clock: 'trusted' } }]);
    expect(outcome.position).toBe(stored[1]!.position);
  });

  test('nothing decided is nothing appended', async () => {
    const log = createMemoryEventLog();
    expect(await add(log, 0)).toEqual({ state: 0, events: [], position: null });
    const { position } = await add(log, 1);
    expect(await add(log, 0)).toEqual({ state: 1, events: [], position });
    expect(await log.readStream('counter-1')).toHaveLength(1);
  });

  test('a refusal passes through and stores nothing', async () => {
    const log = createMemoryEventLog();
    await expect(add(log, -1)).rejects.toMatchObject({ code: 'counter.below-zero' });
    expect(await log.readStream('counter-1')).toEqual([]);
  });

  test('commands at the same time all take effect, each decided on the newest state', async () => {
    const log = createMemoryEventLog();
    await Promise.all([add(log, 1), add(log, 2), add(log, 4)]);
    const stored = await log.readStream('counter-1');
    expect(stored.reduce((sum, { data }) => sum + (data as { by: number }).by, 0)).toBe(7);
    const results = await Promise.allSettled([add(log, -4), add(log, -4)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('gives up when somebody else is faster every time', async () => {
    const log = createMemoryEventLog();
    const raced: Pick<EventLog, 'readStream' | 'append'> = {
      readStream: log.readStream,
      append: async (batch) => {
        await add(log, 1);
        return log.append(batch);
      },
    };
    await expect(add(raced, 10)).rejects.toBeInstanceOf(WrongExpectedRevision);
  });
});
