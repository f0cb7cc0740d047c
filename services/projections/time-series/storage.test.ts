import { judgeSupport, type SupportRow } from './storage.ts';

const good: SupportRow = {
  role: 'hub',
  database: 'city',
  offered: '2.28.3',
  installed: '2.28.2',
  schema: 'public',
  preloaded: true,
  license: 'timescale',
  may_create: true,
};

test.each<[Partial<SupportRow>, boolean, string]>([
  [{}, true, 'TimescaleDB 2.28.2'],
  [{ installed: null, license: null }, true, 'TimescaleDB 2.28.3'],
  [{ may_create: false }, true, 'TimescaleDB 2.28.2'],
  [{ offered: null, installed: null, preloaded: false, license: null }, false, 'does not have TimescaleDB'],
  [{ preloaded: false, license: null }, false, 'put it into shared_preload_libraries'],
  [{ installed: null, may_create: false }, false, 'role hub may not create TimescaleDB in database city'],
  [{ license: 'apache' }, false, 'apache license only'],
])('%j', (difference, usable, reason) => {
  const judged = judgeSupport({ ...good, ...difference });
  expect(judged.usable).toBe(usable);
  expect(judged.reason).toMatch(reason);
});
