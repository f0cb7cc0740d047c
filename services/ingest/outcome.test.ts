import { createCounts, type Outcome } from './outcome.ts';

test('counts what became of each sender’s messages, by reason', () => {
  const counts = createCounts();
  const refused: Outcome = { outcome: 'refused', code: 'broken-json', reason: 'not JSON', deadLetter: 'x' };
  for (const outcome of [
    { outcome: 'recorded', position: '1', stored: 1 },
    { outcome: 'recorded', position: '1', stored: 0 },
    { outcome: 'no-op', reason: 'unchanged' },
    { outcome: 'no-op', reason: 'unchanged' },
    { outcome: 'no-op', reason: 'heartbeat' },
    refused,
  ] as Outcome[]) {
    counts.add('gate-1', outcome);
  }
  counts.add('gate-2', refused);
  expect(counts.of('gate-1')).toEqual({
    recorded: 2,
    noOp: { unchanged: 2, heartbeat: 1 },
    refused: { 'broken-json': 1 },
  });
  expect(counts.of('gate-2')).toEqual({ recorded: 0, noOp: {}, refused: { 'broken-json': 1 } });
  expect(counts.of('gate-3')).toEqual({ recorded: 0, noOp: {}, refused: {} });
});
