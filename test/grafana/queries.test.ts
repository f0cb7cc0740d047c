import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { type FilledCity, fillCity } from './city-database.ts';
import { expand } from './expand.ts';
import { alertRules } from './provisioned.ts';
import { createReportReader, queriesSuite } from './queries-suite.ts';
import { boundlessScans } from './query-plan.ts';

let server: PostgresForTests;
let city: FilledCity;
const reader = createReportReader(async () => {
  server = await postgresForTests();
  const url = await server.newDatabase();
  city = await fillCity(url);
  // The first compound in the alphabet is the one that has everything.
  return { url, nowMs: city.nowMs, compound: 'haiyu-lanting' };
});
afterAll(async () => {
  await city?.close();
  await server?.stop();
}, 60_000);

const { answer, expansionOf, planOf } = reader;

queriesSuite(reader);

test('the alert of a star at risk tells who fell from who stands firm', async () => {
  const rule = alertRules().find(({ uid }) => uid === 'xingyuan-compound-at-risk')!;
  const { rows } = await answer(expand(rule.data[0].model.rawSql, expansionOf({}, 1)));
  const headroom = Object.fromEntries(rows.map((row) => [row.compound, Number(row.headroom)]));
  expect(headroom['haiyu-lanting']).toBeLessThan(3);
  expect(headroom['shengde-hemei-jiayuan']).toBeGreaterThan(3);
  expect(headroom).not.toHaveProperty('wanghai-huayuan');
});

test('a plan that reads all readings is found, however they are stored', async () => {
  await expect(planOf('SELECT avg(value) FROM reporting_v1.reading').then(boundlessScans)).resolves.not.toEqual([]);
  await expect(
    planOf(`SELECT max(value) FROM reporting_v1.reading WHERE compound = 'a'`).then(boundlessScans),
  ).resolves.not.toEqual([]);
  await expect(
    planOf(`SELECT max(value) FROM reporting_v1.reading WHERE compound = 'a' AND time > now() - interval '1 day'`).then(
      boundlessScans,
    ),
  ).resolves.toEqual([]);
});
