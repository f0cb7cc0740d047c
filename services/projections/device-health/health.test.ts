import type { RecordedEvent } from '../../event-log/event.ts';
import { evolveHealth, type Health, healthAt, unheard } from './health.ts';

const instant = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 8, minute)).toISOString();

interface Said {
  type: string;
  /** Minute by the device's clock; received in the same minute unless told. */
  at: number;
  received?: number;
  data?: Record<string, unknown>;
  level?: { channel: string; value: string };
}
const historyOf = (...said: Said[]): RecordedEvent[] =>
  said.map(({ type, at, received = at, data = {}, level }, revision) => ({
    ...{ id: String(revision), type, data, stream: 'device-gate-1', revision, position: String(revision) },
    meta: {
      ...{ schemaVersion: 1, occurredAt: instant(at), receivedAt: instant(received), clock: 'trusted' as const },
      ...{ compound: 'harbour-view', device: 'gate-1' },
      ...(level === undefined ? {} : { level }),
    },
  }));
const given = (...said: Said[]): Health => historyOf(...said).reduce(evolveHealth, unheard);

const connected = (at: number): Said => ({ type: 'device.connected', at });
const disconnected = (at: number, reason = 'keepalive'): Said => ({
  type: 'device.disconnected',
  at,
  data: { reason },
});
const measured = (at: number, received = at): Said => ({
  type: 'sensor.measured',
  at,
  received,
  data: { values: { temperatureC: 20 } },
});
const raised = (at: number, code = 'smoke-fault', component?: string, received = at): Said => ({
  type: 'device.fault-raised',
  at,
  received,
  data: { code, text: 'dirty', ...(component === undefined ? {} : { component }) },
});
const cleared = (at: number, code = 'smoke-fault', component?: string): Said => ({
  type: 'device.fault-cleared',
  at,
  data: { code, ...(component === undefined ? {} : { component }) },
});

describe('how a device is, 15 minutes of silence allowed', () => {
  test.each([
    ['nothing', [], 60, 'never-heard', null],
    ['registered only', [{ type: 'device.registered', at: 0 }], 60, 'never-heard', null],
    ['it connected', [connected(0)], 10, 'online', 0],
    ['it spoke a moment ago', [measured(0)], 15, 'online', 0],
    ['it spoke long ago', [measured(0)], 16, 'silent', 15],
    ['it connected and then said nothing', [connected(0)], 20, 'silent', 15],
    ['it connected and spoke since', [connected(0), measured(10)], 20, 'online', 0],
    ['its connection was lost', [connected(0), disconnected(5)], 6, 'offline', 5],
    ['it was never heard but lost', [disconnected(5)], 60, 'offline', 5],
    ['it said goodbye', [connected(0), disconnected(5, 'goodbye')], 15, 'online', 5],
    ['it said goodbye and stayed away', [connected(0), disconnected(5, 'goodbye')], 21, 'silent', 20],
    ['it came back', [connected(0), disconnected(5), connected(7)], 8, 'online', 7],
    ['a late word of an old disconnect came', [connected(7), disconnected(5)], 8, 'online', 7],
    ['a late word of an old connect came', [disconnected(5), connected(3)], 8, 'offline', 5],
    ['what it measured long ago came just now', [measured(0, 30)], 40, 'online', 30],
  ] as const)('after %s', (_, said, minute, state, since) => {
    const health = healthAt(given(...said), 15 * 60, Date.parse(instant(minute)));
    expect(health).toEqual({ state, since: since === null ? null : instant(since) });
  });
});

describe('standing faults', () => {
  const standing = (...said: Said[]): string[] =>
    given(...said).faults.map(({ code, component }) => [code, component].filter((word) => word !== null).join('/'));

  test.each([
    ['raised', [raised(1)], ['smoke-fault']],
    ['raised twice', [raised(1), raised(2)], ['smoke-fault']],
    ['raised and cleared', [raised(1), cleared(2)], []],
    ['cleared and raised again', [raised(1), cleared(2), raised(3)], ['smoke-fault']],
    ['two codes, one cleared', [raised(1), raised(1, 'lens-dirty'), cleared(2)], ['lens-dirty']],
    ['two components, one cleared', [raised(1, 'x', '1'), raised(1, 'x', '2'), cleared(2, 'x', '1')], ['x/2']],
    ['two components, cleared without one', [raised(1, 'x', '1'), raised(1, 'x', '2'), cleared(2, 'x')], []],
    ['without a component, another one cleared', [raised(1, 'x'), cleared(2, 'x', '1')], ['x']],
    ['a late report of what is over', [raised(1), cleared(5), raised(3, 'smoke-fault', undefined, 6)], []],
    ['a late report for a component of what is over everywhere', [cleared(5, 'x'), raised(3, 'x', '1', 6)], []],
    ['a late word that an earlier one was over', [raised(5), cleared(3)], ['smoke-fault']],
    ['raised by a clock that runs ahead, cleared after', [raised(9, 'x', undefined, 2), cleared(5, 'x')], []],
  ] as const)('%s', (_, said, expected) => {
    expect(standing(...said)).toEqual(expected);
  });

  test('say since when, and the device’s own words', () => {
    expect(given(raised(1), raised(2)).faults).toEqual([
      { code: 'smoke-fault', text: 'dirty', component: null, since: instant(1) },
    ]);
  });
  test('tampering stands until it is said to be over', () => {
    const tampered = (at: number, active?: boolean): Said => ({
      type: 'device.tampered',
      at,
      data: active === undefined ? {} : { active },
    });
    expect(standing(tampered(1))).toEqual(['tampered']);
    expect(standing(tampered(1, true), tampered(2, false))).toEqual([]);
  });
});

describe('what else is known', () => {
  test('the newest battery level, whoever tells it', () => {
    const seen = { type: 'device.seen', at: 1, data: { batteryPercent: 80 } };
    const reading = { type: 'sensor.measured', at: 2, data: { values: { batteryPercent: 79 } } };
    expect(given(seen, reading, measured(3)).batteryPercent).toBe(79);
  });
  test('the last value of a channel by the device’s clock', () => {
    const door = (at: number, value: string): Said => ({
      type: 'gate.door-changed',
      at,
      data: { state: value },
      level: { channel: 'door', value },
    });
    expect(given(door(1, 'open'), door(3, 'closed'), door(2, 'open')).levels).toEqual({
      door: { value: 'closed', at: instant(3) },
    });
  });
  test('what the hub or a person did is no sign of life', () => {
    const said = ['device.registered', 'device.changed', 'device.credential-issued', 'device.command-sent'];
    expect(given(...said.map((type) => ({ type, at: 1 }))).lastHeardAt).toBeNull();
    expect(given(disconnected(3)).lastHeardAt).toBeNull();
  });
  test('an event seen again changes nothing', () => {
    const history = historyOf(raised(1), cleared(2), connected(3), measured(4));
    const once = history.reduce(evolveHealth, unheard);
    for (const event of history) expect(evolveHealth(once, event)).toBe(once);
  });
});

test('the two streams of a device have revisions of their own, and each event counts once', () => {
  const [gone] = historyOf(disconnected(5));
  const [heard] = historyOf(measured(10)).map((event) => ({ ...event, stream: 'telemetry-gate-1' }));
  const once = [heard!, gone!].reduce(evolveHealth, unheard);
  expect(once).toMatchObject({ revision: 0, telemetryRevision: 0, connection: 'offline' });
  expect([heard!, gone!].reduce(evolveHealth, once)).toBe(once);
});
