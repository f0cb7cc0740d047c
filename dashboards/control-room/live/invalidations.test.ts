import { invalidationsOf } from './invalidations.ts';

const names = (type: string, device?: string) => {
  const { urgent, calm } = invalidationsOf({ type, meta: { device } });
  return { urgent: urgent.map((key) => key.join('/')).sort(), calm: calm.map((key) => key.join('/')).sort() };
};

describe('what an event makes old', () => {
  test.each([
    ['heartbeat', undefined, [], []],
    [
      'work-order.raised',
      'gate-1',
      ['compounds', 'devices/events/gate-1', 'devices/list', 'devices/one/gate-1', 'orders'],
      [],
    ],
    ['matter.whistled', undefined, ['matters'], ['ratings']],
    ['target.paused', undefined, ['targets'], []],
    ['roster.swapped', undefined, ['rosters'], []],
    ['round.missed', undefined, ['rounds'], []],
    ['rating.changed', undefined, ['compounds', 'ratings'], ['programme']],
    ['rating.at-risk', undefined, ['compounds', 'ratings'], ['programme']],
    ['rating-replay.finished', undefined, ['rating-replays'], []],
    ['device.fault-raised', 'gate-1', ['compounds', 'devices/events/gate-1', 'devices/list', 'devices/one/gate-1'], []],
    ['device.registered', 'gate-1', ['compounds', 'devices'], ['orders', 'programme', 'ratings', 'records']],
    ['compound.changed', undefined, ['compounds', 'devices'], ['orders', 'programme', 'ratings', 'records']],
    ['sensor.measured', 'smoke-1', ['devices/events/smoke-1', 'devices/one/smoke-1'], ['devices/list']],
    ['meeting.held', undefined, ['records'], ['ratings']],
    ['disclosure.published', undefined, ['records'], ['ratings']],
    ['parcel.arrived', undefined, [], ['ratings']],
    ['lift.stopped', 'lift-1', ['devices/events/lift-1', 'devices/one/lift-1'], ['devices/list']],
  ])('%s', (type, device, urgent, calm) => {
    expect(names(type, device)).toEqual({ urgent, calm });
  });

  test('a broken `meta` is no crash', () => {
    expect(invalidationsOf({ type: 'sensor.measured', meta: { device: 7 } }).urgent).toEqual([]);
    expect(invalidationsOf({ type: 'sensor.measured' }).urgent).toEqual([]);
  });
});
