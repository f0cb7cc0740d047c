import { type PostgresForTests, postgresForTests } from '../../test/postgres-for-tests.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { openPool } from '../runtime/postgres.ts';
import { commandsDue, deviceCommands, deviceCommandsProjection } from './read-model.ts';

let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase(), { maxConnections: 1 });
  await pool.query('CREATE SCHEMA IF NOT EXISTS hub');
  await pool.query(deviceCommandsProjection.schema);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});
beforeEach(() => pool.query('TRUNCATE hub.device_command'));

const id = '00000000-0000-4000-8000-000000000001';
const event = (type: string, data: object, at = '08:00:00', more: Partial<RecordedEvent> = {}): RecordedEvent => {
  const occurredAt = `2026-03-01T${at}.000Z`;
  const meta = { schemaVersion: 1, occurredAt, receivedAt: occurredAt, clock: 'trusted' as const };
  const whose = { compound: 'harbour-view', device: 'gate-1', ...more.meta };
  const place = { stream: `command-${id}`, revision: 0, position: '1', id: `${type}${at}` };
  return { ...place, ...more, type, data, meta: { ...meta, ...whose } };
};
const requested = event('command.requested', {
  ...{ device: 'gate-1', command: 'open-gate', arguments: { door: 'a' }, reason: 'a parcel', requestedBy: 'wang' },
  ...{ expiresAt: '2026-03-01T08:00:30.000Z', needsApproval: false },
});
const sent = event('device.command-sent', { command: 'open-gate', commandId: id }, '08:00:01');
const timedOut = event('command.timed-out', {}, '08:00:30');
const answered = (at: string, device = 'gate-1') =>
  event('device.command-answered', { commandId: id, accepted: true, text: 'done' }, at, {
    ...{ stream: `device-${device}`, meta: { device } as RecordedEvent['meta'] },
  });
const afterwards = async (...events: RecordedEvent[]) => {
  await deviceCommandsProjection.apply(pool, events);
  return (await deviceCommands(pool, { device: 'gate-1', limit: 10 })).items;
};

test('a command tells who wanted it, when it went out and what the device said', async () => {
  expect(await afterwards(requested, sent, answered('08:00:02'))).toEqual([
    {
      ...{ id, compound: 'harbour-view', device: 'gate-1', state: 'answered', command: 'open-gate' },
      ...{ arguments: { door: 'a' }, reason: 'a parcel', requestedBy: 'wang', needsApproval: false, approvedBy: null },
      ...{ requestedAt: '2026-03-01T08:00:00.000Z', expiresAt: '2026-03-01T08:00:30.000Z' },
      ...{ sentAt: '2026-03-01T08:00:01.000Z', notSent: null },
      answer: { at: '2026-03-01T08:00:02.000Z', accepted: true, text: 'done', late: false },
    },
  ]);
});

test.each<[string, RecordedEvent[], object]>([
  ['a late answer is one', [sent, timedOut, answered('08:01:00')], { state: 'answered', answer: { late: true } }],
  ['late by the clock alone', [sent, answered('08:00:30')], { answer: { late: true } }],
  ['an answer before the time-out was told stays', [sent, answered('08:00:29'), timedOut], { answer: { late: false } }],
  ['the first answer counts', [sent, answered('08:00:02'), answered('08:01:00')], { answer: { late: false } }],
  ["another device's answer is none", [sent, answered('08:00:02', 'gate-2')], { state: 'sent', answer: null }],
  [
    "a gateway's own command under that type is another one",
    [event('device.command-sent', { command: 'x', commandId: id }, '08:00:01', { stream: 'device-gate-1' })],
    { state: 'ready' },
  ],
])('%s', async (_, events, expected) => {
  expect(await afterwards(requested, ...events)).toMatchObject([expected]);
});

test('due is what is neither answered nor given up when its time is over', async () => {
  await afterwards(requested, sent);
  expect(await commandsDue(pool, '2026-03-01T08:00:29.999Z', 10)).toEqual([]);
  expect(await commandsDue(pool, '2026-03-01T08:00:30.000Z', 10)).toEqual([id]);
  await afterwards(answered('08:00:02'));
  expect(await commandsDue(pool, '2026-03-01T08:00:30.000Z', 10)).toEqual([]);
});
