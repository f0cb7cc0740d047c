import { describe, expect, test } from '@jest/globals';
import { appendingBy, type EventLog, WriterFenced, WrongExpectedRevision } from '../event-log/event-log.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { watchAppends } from './append-watch.ts';

const batch = [
  {
    stream: 'device-gate',
    expectedRevision: 'any' as const,
    events: [
      {
        id: '00000000-0000-4000-8000-000000000001',
        type: 'device.seen',
        data: {},
        meta: {
          schemaVersion: 1,
          occurredAt: '2026-03-01T00:00:00.000Z',
          receivedAt: '2026-03-01T00:00:00.000Z',
          clock: 'trusted' as const,
        },
      },
    ],
  },
];

const watchedLog = () => {
  const state: { nowMs: number; refusal: Error | undefined } = { nowMs: 0, refusal: undefined };
  const memory = createMemoryEventLog();
  const log: EventLog = {
    ...memory,
    ...appendingBy((given) => (state.refusal === undefined ? memory.append(given) : Promise.reject(state.refusal))),
  };
  return { state, ...watchAppends(log, { now: () => state.nowMs }) };
};

describe('a log that is watched', () => {
  test('is in trouble from its first failed append until one is taken', async () => {
    const { state, log, untaken } = watchedLog();
    state.refusal = new Error('No space left on device');
    await expect(log.append(batch)).rejects.toThrow('No space');
    state.nowMs = 5_000;
    await expect(log.append(batch)).rejects.toThrow('No space');
    expect(untaken()).toEqual([expect.stringContaining('since 1970-01-01T00:00:00.000Z')]);
    state.refusal = undefined;
    await log.append(batch);
    expect(untaken()).toEqual([]);
  });

  test('is not in trouble for a command that came too late', async () => {
    const { state, log, untaken } = watchedLog();
    state.refusal = new WrongExpectedRevision('device-gate', 3, 4);
    await expect(log.append(batch)).rejects.toThrow('expected 3');
    expect(untaken()).toEqual([]);
  });

  test('is given another chance when nobody has tried for a minute', async () => {
    const { state, log, untaken } = watchedLog();
    state.refusal = new Error('No space left on device');
    await expect(log.append(batch)).rejects.toThrow('No space');
    state.nowMs = 60_001;
    expect(untaken()).toEqual([]);
  });

  test('is in trouble when what was under way behind a successful append fails, and nobody tries again', async () => {
    const { state, log, untaken } = watchedLog();
    const first = log.append(batch);
    state.refusal = new Error('No space left on device');
    const behind = [log.append(batch), log.append(batch)];
    await first;
    expect((await Promise.allSettled(behind)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(untaken()).toEqual([expect.stringContaining('takes nothing')]);
  });

  test('that another hub has taken over stays lost, also when nobody tries any more', async () => {
    const { state, log, untaken } = watchedLog();
    state.refusal = new WriterFenced('another hub has taken this event log over');
    await expect(log.append(batch)).rejects.toThrow('taken this event log over');
    state.nowMs = 3_600_000;
    expect(untaken()).toEqual(['another hub has taken this event log over']);
  });

  test('is in trouble while an append waits for seconds', async () => {
    const { state, log, untaken } = watchedLog();
    const appended = log.append(batch);
    state.nowMs = 3_000;
    expect(untaken()).toEqual([]);
    state.nowMs = 3_001;
    expect(untaken()).toEqual([expect.stringContaining('not answered since 1970-01-01T00:00:00.000Z')]);
    await appended;
    expect(untaken()).toEqual([]);
  });
});
