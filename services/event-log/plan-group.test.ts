import { WrongExpectedRevision } from './event-log.ts';
import { type LogState, planGroup } from './plan-group.ts';
import { draftOf } from './stored-event.ts';

const idOf = (number: number): string => `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;
const meta = { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' } as const;
const entry = (stream: string, expectedRevision: number | 'no-stream' | 'any', ...ids: number[]) => ({
  stream,
  expectedRevision,
  events: ids.map((number) => ({ id: idOf(number), type: 'gate.passed', data: null, meta })),
});

/** Stream `a` stands at revision 1 with the events 1 and 2 at positions 9 and 10. */
const state: LogState = {
  lastPosition: 10,
  revisionOf: (stream) => (stream === 'a' ? 1 : -1),
  positionOf: (id) => ({ [idOf(1)]: 9, [idOf(2)]: 10 })[id],
};
const plan = (...drafts: ReturnType<typeof entry>[][]) => planGroup(state, drafts.map(draftOf));
const stored = (...drafts: ReturnType<typeof entry>[][]) =>
  plan(...drafts).events.map(({ position, stream, revision, event }) => [
    position,
    stream,
    revision,
    Number(event.id.slice(-2)),
  ]);

describe('planGroup', () => {
  test('positions and revisions go on without gaps across the group', () => {
    expect(stored([entry('a', 1, 3)], [entry('b', 'no-stream', 4, 5), entry('a', 'any', 6)])).toEqual([
      [11, 'a', 2, 3],
      [12, 'b', 0, 4],
      [13, 'b', 1, 5],
      [14, 'a', 3, 6],
    ]);
  });

  test('an append that fails leaves nothing behind, not even for its neighbours', () => {
    const drafts = [[entry('b', 'any', 3), entry('a', 0, 4)], [entry('b', 'no-stream', 5)]];
    const { outcomes } = plan(...drafts);
    expect(outcomes[0]).toBeInstanceOf(WrongExpectedRevision);
    expect(outcomes[1]).toEqual({ position: '11', stored: 1 });
    expect(stored(...drafts)).toEqual([[11, 'b', 0, 5]]);
  });

  test('of two in one group that expect the same revision the first wins', () => {
    const { outcomes } = plan([entry('a', 1, 3)], [entry('a', 1, 4)]);
    expect(outcomes[0]).toEqual({ position: '11', stored: 1 });
    expect(outcomes[1]).toMatchObject({ stream: 'a', expected: 1, actual: 2 });
  });

  test('an id known from the log or from the same group is skipped and answers its position', () => {
    const { outcomes } = plan([entry('a', 7, 1)], [entry('b', 'any', 3)], [entry('b', 'no-stream', 3, 3)]);
    expect(outcomes).toEqual([
      { position: '9', stored: 0 },
      { position: '11', stored: 1 },
      { position: '11', stored: 0 },
    ]);
  });

  test('known and new mixed: the revision is checked for the new', () => {
    expect(stored([entry('a', 'any', 1, 3)], [entry('a', 2, 2, 4)])).toEqual([
      [11, 'a', 2, 3],
      [12, 'a', 3, 4],
    ]);
    expect(plan([entry('a', 0, 1, 3)]).outcomes[0]).toBeInstanceOf(WrongExpectedRevision);
  });
});
