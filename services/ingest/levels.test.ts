import { createLevels } from './levels.ts';

const at = (minute: number): string => `2026-03-01T08:${String(minute).padStart(2, '0')}:00.000Z`;
const door = (value: string, initial?: string) => ({
  channel: 'door',
  value,
  ...(initial === undefined ? {} : { initial }),
});

describe('levels', () => {
  test.each([
    ['an unknown channel is news', [['open', 0]], 'edge'],
    [
      'the same again is none',
      [
        ['open', 0],
        ['open', 1],
      ],
      'none',
    ],
    [
      'a change is news',
      [
        ['open', 0],
        ['closed', 1],
      ],
      'edge',
    ],
    [
      'a change of the same instant is news',
      [
        ['open', 0],
        ['closed', 0],
      ],
      'edge',
    ],
    [
      'what is older than the known value is late',
      [
        ['open', 5],
        ['closed', 4],
      ],
      'late',
    ],
    [
      'what is older than its last confirmation is late',
      [
        ['open', 0],
        ['open', 5],
        ['closed', 4],
      ],
      'late',
    ],
    [
      'late news leaves the present alone',
      [
        ['open', 5],
        ['closed', 4],
        ['open', 6],
      ],
      'none',
    ],
  ] as const)('%s', (_, reports, expected) => {
    const levels = createLevels();
    const changes = reports.map(([value, minute]) => levels.propose('gate-1', door(value), at(minute)).change);
    expect(changes.at(-1)).toBe(expected);
  });

  test('what a channel is taken to be at first is no news, anything else is', () => {
    expect(createLevels().propose('gate-1', door('closed', 'closed'), at(0)).change).toBe('none');
    expect(createLevels().propose('gate-1', door('open', 'closed'), at(0)).change).toBe('edge');
  });

  test('devices and channels are kept apart', () => {
    const levels = createLevels();
    levels.propose('gate-1', door('open'), at(0));
    expect(levels.propose('gate-2', door('open'), at(0)).change).toBe('edge');
    expect(levels.propose('gate-1', { channel: 'lock', value: 'open' }, at(0)).change).toBe('edge');
  });

  test('what was loaded counts', () => {
    const levels = createLevels();
    levels.load('gate-1', { door: { value: 'open', at: at(3) } });
    expect(levels.propose('gate-1', door('open'), at(4)).change).toBe('none');
    expect(levels.propose('gate-1', door('closed'), at(2)).change).toBe('late');
  });

  test('an edge taken back can be reported again', () => {
    const levels = createLevels();
    levels.propose('gate-1', door('open'), at(1)).undo();
    expect(levels.propose('gate-1', door('open'), at(1)).change).toBe('edge');
  });

  test('an edge whose append seemed to fail, and that the log tells of, stays known', () => {
    const levels = createLevels();
    levels.load('gate-1', { door: { value: 'closed', at: at(0) } });
    const opened = levels.propose('gate-1', door('open'), at(1));
    const level = { channel: 'door', value: 'open' };
    const meta = { schemaVersion: 1, occurredAt: at(1), receivedAt: at(1), clock: 'trusted' as const };
    levels.follow({ meta: { ...meta, device: 'gate-1', level } });
    opened.undo();
    expect(levels.propose('gate-1', door('open'), at(2)).change).toBe('none');
  });

  test('two messages under way, both taken back, the older one first: both are news again', () => {
    const levels = createLevels();
    levels.load('gate-1', { door: { value: 'closed', at: at(0) } });
    const opened = levels.propose('gate-1', door('open'), at(1));
    const closed = levels.propose('gate-1', door('closed'), at(2));
    opened.undo();
    closed.undo();
    expect(levels.propose('gate-1', door('open'), at(1)).change).toBe('edge');
    expect(levels.propose('gate-1', door('closed'), at(2)).change).toBe('edge');
  });

  test('a confirmation taken back makes nothing late', () => {
    const levels = createLevels();
    levels.load('gate-1', { door: { value: 'closed', at: at(0) } });
    levels.propose('gate-1', door('closed'), at(9)).undo();
    expect(levels.propose('gate-1', door('open'), at(5)).change).toBe('edge');
  });
});
