import { expect, test } from '@jest/globals';
import { deviceStream, type RecordedEvent, telemetryStream } from '../event-log/event.ts';
import { planFaults } from './fault-plan.ts';
import { loadFaultPolicy } from './fault-policy.ts';
import { loadServiceLevels } from './service-levels.ts';

const levels = loadServiceLevels();
const gate = { compound: 'harbour-view', kind: 'access-gate', name: 'North gate' };
const rules = { levels, policy: loadFaultPolicy(levels), deviceOf: () => gate };

const event = (stream: string, revision: number, type: string, data: unknown, minute: number): RecordedEvent => {
  const at = new Date(Date.UTC(2026, 2, 1, 8, minute)).toISOString();
  return {
    ...{ stream, revision, type, data, position: String(minute) },
    id: `00000000-0000-4000-8000-0000000000${10 + minute}`,
    meta: {
      ...{ schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' },
      ...{ compound: 'harbour-view', device: 'gate-1' },
    },
  };
};

const forced = event(deviceStream('gate-1'), 7, 'gate.forced-open', { door: 'a' }, 0);
const closed = event(telemetryStream('gate-1'), 0, 'gate.door-changed', { door: 'a', state: 'closed' }, 1);
const forcedAgain = event(deviceStream('gate-1'), 8, 'gate.forced-open', { door: 'a' }, 2);
const steps = ({ appends }: ReturnType<typeof planFaults>): string[] =>
  appends.flatMap(({ events }) => events.map(({ type }) => type));

test('what one stream of a device raises, the other clears, whatever their revisions', () => {
  const plan = planFaults(rules, [forced, closed], { records: [] }, new Map());
  expect(steps(plan)).toEqual(['work-order.raised', 'work-order.fault-recovered']);
  const record = plan.records.find(({ code }) => code === 'forced-open');
  expect(record).toMatchObject({ revision: 7, telemetryRevision: 0, standing: false });
});

test('an event of either stream counts once', () => {
  const { records } = planFaults(rules, [forced, closed], { records: [] }, new Map());
  const again = planFaults(rules, [forced, closed], { records }, new Map());
  expect(again).toMatchObject({ records: [], appends: [] });
  expect(() => planFaults(rules, [forcedAgain], { records }, new Map())).toThrow('was not read');
});
