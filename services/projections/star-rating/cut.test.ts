import { isoTime } from '../../runtime/clock.ts';
import { createCutMemory, cutterOf } from './cut.ts';
import { createStory, pastOfStory } from './events-for-tests.ts';
import type { CompoundPast } from './past.ts';

const atMs = Date.parse('2026-06-01T00:00:00.000Z');
const daysBefore = (days: number): string => isoTime(atMs - days * 86_400_000);

test('a device that was never heard is put beneath a gateway, whose outage then is its own', () => {
  const story = createStory();
  const outage = { from: daysBefore(3), to: daysBefore(2), gateway: 'gateway-1' };
  const events = [
    story.registerCompound(daysBefore(9)),
    story.registerDevice(daysBefore(9), { id: 'gateway-1', kind: 'gateway' }),
    story.registerDevice(daysBefore(9), { id: 'gate-1' }),
    story.said('gateway-1', 'device.seen', daysBefore(8)),
    story.event('compound-garden', 'compound.gap-recorded', daysBefore(2), outage),
  ];
  const moved = story.said('gate-1', 'device.changed', daysBefore(7), { gateway: 'gateway-1' });
  // As the tables tell it: nothing of who never spoke, and the same object of who told nothing since.
  const { devices } = pastOfStory(events, 'garden');
  const heard = new Map([...devices].filter(([id]) => id === 'gateway-1'));
  const memory = createCutMemory();
  const notObserved = (past: CompoundPast) =>
    cutterOf({ ...past, devices: heard }, memory)!({ at: isoTime(atMs), windowDays: 5 }).devices.map(
      ({ device, notObserved: of }) => [device.id, of.length],
    );
  expect(notObserved(pastOfStory(events, 'garden'))).toEqual([
    ['gate-1', 0],
    ['gateway-1', 1],
  ]);
  expect(notObserved(pastOfStory([...events, moved], 'garden'))).toEqual([
    ['gate-1', 1],
    ['gateway-1', 1],
  ]);
});
