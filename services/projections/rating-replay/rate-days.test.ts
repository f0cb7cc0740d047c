import { compound, device } from '../../registry/registry.ts';
import { type CompoundPast, nothingHeard } from '../star-rating/past.ts';
import { stretchesOf } from './compare.ts';
import { compareDays, comparedPeriod } from './rate-days.ts';
import { camerasOnly } from './standards-for-tests.ts';

const ms = (time: string): number => Date.parse(time);
const registeredMs = ms('2026-03-31T16:00:00Z');
/** Two whole days in Shanghai: 10 and 11 June. */
const goneMs = ms('2026-06-09T16:00:00Z');
const backMs = ms('2026-06-11T16:00:00Z');

const registered = (of: string | null, data: object) => ({
  ...{ stream: of === null ? 'compound-garden' : `device-${of}`, revision: 0, compound: 'garden', device: of },
  ...{ type: of === null ? 'compound.registered' : 'device.registered', atMs: registeredMs, toldMs: registeredMs },
  data: data as Record<string, unknown>,
});

/** One camera, heard all the time but for two days. */
const past: CompoundPast = {
  compound: 'garden',
  position: null,
  register: [
    registered(null, compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10 })),
    registered('cam-1', device.parse({ id: 'cam-1', compound: 'garden', kind: 'camera', name: '东门' })),
  ],
  devices: new Map([
    [
      'cam-1',
      {
        ...nothingHeard,
        firstHeardMs: registeredMs,
        runs: [
          { fromMs: registeredMs, toMs: goneMs },
          { fromMs: backMs, toMs: ms('2026-08-01T00:00:00Z') },
        ],
        goneMs: [goneMs],
        backMs: [backMs],
      },
    ],
  ]),
  heardHoursMs: [],
  facts: [],
};

const standardsOf = () => ({ inForce: camerasOnly('1', [90, 95, 98]), replayed: camerasOnly('2', [95, 97, 99]) });
const period = { from: '2026-03-30', to: '2026-07-12', timeZone: 'Asia/Shanghai' };
const days = compareDays(past, comparedPeriod({ ...period, standardsOf }));
const starsOn = (day: string) => {
  const found = days.find((compared) => compared?.day === day);
  return found && [found.starsInForce, found.starsReplayed];
};

test('before it was registered a compound has no stars', () => {
  expect(days.slice(0, 2)).toEqual([null, null]);
  expect(days[2]).toMatchObject({ day: '2026-04-01' });
});

// 29 of 30 days up are 96.7 %, 28 of 30 days 93.3 %; each day is looked at from its end, 30 days back.
test.each([
  ['2026-06-09', [5, 5]],
  ['2026-06-10', [4, 3]],
  ['2026-06-11', [3, 0]],
  ['2026-07-09', [3, 0]],
  ['2026-07-10', [4, 3]],
  ['2026-07-11', [5, 5]],
])('at the end of %s: %j', (day, stars) => {
  expect(starsOn(day)).toEqual(stars);
});

test('who goes down, from when until when, and by what', () => {
  const down = { criteria: ['CAM-3'] };
  expect(stretchesOf(days)).toEqual([
    { day: '2026-06-10', until: '2026-06-10', days: 1, starsInForce: 4, starsReplayed: 3, ...down },
    { day: '2026-06-11', until: '2026-07-09', days: 29, starsInForce: 3, starsReplayed: 0, ...down },
    { day: '2026-07-10', until: '2026-07-10', days: 1, starsInForce: 4, starsReplayed: 3, ...down },
  ]);
});
