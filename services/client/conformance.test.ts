import { conformanceOf, type Watched, type WatchedMessage } from './conformance.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
const at = (second: number): string => new Date(startMs + second * 1000).toISOString();
const said = (
  second: number,
  more: Partial<WatchedMessage> & { seq?: number; values?: Record<string, unknown>; lag?: number } = {},
): WatchedMessage => {
  const { seq, values = { temperatureC: 21 }, lag = 0, ...rest } = more;
  const sourceId = seq === undefined ? null : `seq:${seq}`;
  const event = { type: 'sensor.measured', occurredAt: at(second - lag), clock: 'trusted', sourceId, data: { values } };
  return {
    at: at(second),
    topic: 't',
    outcome: 'recorded',
    reason: null,
    code: null,
    field: null,
    events: [event],
    ...rest,
  };
};
const report = (messages: WatchedMessage[], more: Partial<Watched> = {}) => {
  const findings = conformanceOf({ seconds: 600, silentAfterSeconds: 900, messages, departures: [], ...more });
  return Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
};

test('a device that does all well', () => {
  const messages = [said(0, { seq: 1 }), said(200, { seq: 2 }), said(400, { seq: 3 })];
  const passed = ['messages', 'refusals', 'heartbeats', 'time', 'units', 'duplicates', 'gaps', 'will'];
  expect(report(messages, { departures: ['will'] })).toEqual(
    Object.fromEntries(passed.map((check) => [check, 'pass'])),
  );
});

test.each<[string, WatchedMessage[], Partial<Watched>, Record<string, string>]>([
  ['silence', [], {}, { messages: 'fail', time: 'unseen', units: 'unseen', will: 'unseen' }],
  [
    'a refusal',
    [said(0, { outcome: 'refused', code: 'contract-violated', field: 'type', events: [] })],
    {},
    { refusals: 'fail' },
  ],
  ['rare words', [said(0), said(500)], {}, { heartbeats: 'warn' }],
  ['too rare words', [said(0), said(1000)], { seconds: 1200 }, { heartbeats: 'fail' }],
  ['a short watch', [said(0)], { seconds: 60 }, { heartbeats: 'unseen', gaps: 'unseen' }],
  ['a clock that lags', [said(0, { lag: 120 })], {}, { time: 'warn' }],
  ['percent as a fraction', [said(0, { values: { batteryPercent: 0.9 } })], {}, { units: 'warn' }],
  ['the same again', [said(0), said(1, { reason: 'known-already' })], {}, { duplicates: 'warn' }],
  ['a gap', [said(0, { seq: 4 }), said(1, { seq: 7 })], {}, { gaps: 'fail' }],
  ['no will', [said(0)], { departures: ['connection-lost'] }, { will: 'warn' }],
])('%s', (_, messages, more, expected) => {
  expect(report(messages, more)).toMatchObject(expected);
});
