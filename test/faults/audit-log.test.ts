import { type AuditedEvent, auditLog, auditPositions } from './audit-log.ts';
import { createLedger } from './ledger.ts';

const event = (position: number, key: string, more: Partial<AuditedEvent> = {}): AuditedEvent => ({
  id: `id-${position}`,
  position: String(position),
  stream: 'device-gate-1',
  type: 'gate.passed',
  device: 'gate-1',
  key,
  refusedSha256: undefined,
  ...more,
});

const deadLetter = (position: number, refusedSha256: string): AuditedEvent => ({
  ...event(position, '', { type: 'ingest.payload-refused', refusedSha256 }),
  key: undefined,
});

/** A ledger in which the messages a, b, c were said and acknowledged. */
const ledgerOf = (...keys: string[]) => {
  const ledger = createLedger();
  for (const key of keys) ledger.say('gate-1', { keys: [key] }).acknowledged = { reasonCode: 0 };
  return ledger;
};

const perDevice = { order: 'per-device' } as const;

test('finds nothing where the log is what the devices know', () => {
  const ledger = ledgerOf('a', 'b', 'c');
  ledger.say('gate-1', { keys: ['unacknowledged'] });
  const refused = ledger.say('gate-1', { keys: [], refusedSha256: 'ff' });
  refused.acknowledged = { reasonCode: 0x99, deadLetter: 'id-4' };
  const events = [event(1, 'a'), event(2, 'b'), event(3, 'c'), deadLetter(4, 'ff')];
  expect(auditLog(ledger, events, perDevice)).toEqual([]);
});

test('an unacknowledged message may be stored, and need not be', () => {
  const ledger = createLedger();
  ledger.say('gate-1', { keys: ['a'] });
  expect(auditLog(ledger, [], perDevice)).toEqual([]);
  expect(auditLog(ledger, [event(1, 'a')], perDevice)).toEqual([]);
});

test.each<[string, AuditedEvent[], RegExp]>([
  ['a lost event', [event(1, 'a'), event(2, 'c')], /^acknowledged and lost \(1\): gate-1 b$/],
  ['a doubled event', [event(1, 'a'), event(2, 'b'), event(3, 'c'), event(4, 'c')], /^stored more than once.*c × 2/],
  ['a reordered event', [event(1, 'b'), event(2, 'a'), event(3, 'c')], /^out of the order.*gate-1 a$/],
  [
    'an event nobody said',
    [event(1, 'a'), event(2, 'b'), event(3, 'c'), event(4, 'x')],
    /^stored and never said.*gate-1 x/,
  ],
])('%s is found', (_name, events, finding) => {
  expect(auditLog(ledgerOf('a', 'b', 'c'), events, perDevice)).toEqual([expect.stringMatching(finding)]);
});

test('a stored event that was sent again later keeps its first place in the order', () => {
  const ledger = ledgerOf('a', 'b');
  expect(auditLog(ledger, [event(1, 'a'), event(2, 'b'), event(3, 'a')], perDevice)).toHaveLength(2);
});

test('in KurrentDB each stream has its own order', () => {
  const ledger = ledgerOf('a', 'b');
  const events = [event(1, 'b', { stream: 'telemetry-gate-1' }), event(2, 'a')];
  expect(auditLog(ledger, events, { order: 'per-stream' })).toEqual([]);
  expect(auditLog(ledger, events, perDevice)).toHaveLength(1);
});

test('a refused message with several dead letters is found', () => {
  const ledger = createLedger();
  ledger.say('gate-1', { keys: [], refusedSha256: 'aa' }).acknowledged = { reasonCode: 0x99, deadLetter: 'id-2' };
  expect(auditLog(ledger, [deadLetter(1, 'aa'), deadLetter(2, 'aa')], perDevice)).toEqual([
    expect.stringMatching(/^kept as several dead letters.*× 2/),
  ]);
});

test('a refused message without a dead letter is found, and one that promises another', () => {
  const ledger = createLedger();
  ledger.say('gate-1', { keys: [], refusedSha256: 'aa' }).acknowledged = { reasonCode: 0x99 };
  ledger.say('gate-1', { keys: [], refusedSha256: 'bb' }).acknowledged = { reasonCode: 0x99, deadLetter: 'other' };
  expect(auditLog(ledger, [deadLetter(1, 'bb')], perDevice)).toEqual([
    expect.stringMatching(/^refused and not kept.*aa$/),
    expect.stringMatching(/^a dead letter was promised.*other$/),
  ]);
});

test('a valid message that was refused, a receipt that names another position, and a breach of the protocol are found', () => {
  const ledger = createLedger();
  ledger.say('gate-1', { keys: ['a'] }).acknowledged = { reasonCode: 0x99 };
  ledger.say('gate-1', { keys: ['b'] }).acknowledged = { reasonCode: 0, receipt: '7' };
  ledger.violated('PUBACK out of order');
  expect(auditLog(ledger, [event(1, 'a'), event(2, 'b')], perDevice)).toEqual([
    expect.stringMatching(/^against the protocol/),
    expect.stringMatching(/^refused though nothing is wrong/),
    expect.stringMatching(/^a receipt names another position.*told 7, is 2$/),
  ]);
});

test('a message that must be refused and was taken is found', () => {
  const ledger = createLedger();
  ledger.say('gate-1', { keys: [], refusedSha256: 'aa' }).acknowledged = { reasonCode: 0, receipt: '1' };
  expect(auditLog(ledger, [deadLetter(1, 'aa')], perDevice)).toEqual([
    expect.stringMatching(/^taken though it must be refused/),
  ]);
});

test('a gap in the positions is found', () => {
  expect(auditPositions(['1', '2', '3'])).toEqual([]);
  expect(auditPositions(['1', '2', '4'])).toEqual(['positions: after 2 comes 4']);
  expect(auditPositions(['2'])).toHaveLength(1);
});
