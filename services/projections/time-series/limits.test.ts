import {
  binOrigin,
  binOriginMs,
  chunkDays,
  compressAfterDays,
  dayMs,
  jobRetentionDays,
  maintainEverySeconds,
  overdueAfterSeconds,
  retentionBoundaryMs,
  retentionDays,
} from './limits.ts';
import { monthsAhead } from './partitions.ts';

test('the limits fit together', () => {
  expect(new Date(binOrigin).getTime()).toBe(binOriginMs);
  expect(compressAfterDays).toBeLessThan(retentionDays);
  expect(chunkDays).toBeLessThanOrEqual(compressAfterDays);
  expect(overdueAfterSeconds).toBeGreaterThan(maintainEverySeconds);
});

test.each(['2026-11-21T19:00:00Z', '2026-03-01T00:00:00Z', '2028-02-29T23:59:59Z', '2027-12-31T12:00:00Z'])(
  'the retention of %s ends at a month, never too early and never later than the jobs of the server',
  (now) => {
    const nowMs = Date.parse(now);
    const boundary = retentionBoundaryMs(nowMs);
    expect(new Date(boundary).toISOString()).toMatch(/-01T00:00:00\.000Z$/);
    const days = (nowMs - boundary) / dayMs;
    expect(days).toBeGreaterThanOrEqual(retentionDays);
    expect(days).toBeLessThanOrEqual(jobRetentionDays);
  },
);

test.each([
  ['2026-11-30T23:59:59.999Z', ['2026-11', '2026-12', '2027-01']],
  ['2026-01-31T00:00:00Z', ['2026-01', '2026-02', '2026-03']],
])('at %s the months %j stand ready', (now, months) => {
  expect(monthsAhead(Date.parse(now))).toEqual(months);
});
