import { lastHeardByCompound } from '../../services/projections/device-health/queries.ts';
import { programmeOf } from '../../services/projections/programme/programme.ts';
import { registeredAtMs, standingRisks, starChanges } from '../../services/projections/programme/queries.ts';
import { loadProgrammeTargets } from '../../services/projections/programme/targets.ts';
import { standardInForce } from '../../services/projections/star-rating/standards.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { type FilledCity, fillCity } from './city-database.ts';

let server: PostgresForTests;
let city: FilledCity;
beforeAll(async () => {
  server = await postgresForTests();
  city = await fillCity(await server.newDatabase());
}, 120_000);
afterAll(async () => {
  await city?.close();
  await server?.stop();
}, 60_000);

test('Grafana counts and forecasts the programme of the year as the hub does', async () => {
  const { pool, nowMs } = city;
  const [registered, changes, risks, heard] = await Promise.all([
    registeredAtMs(pool),
    starChanges(pool),
    standingRisks(pool),
    lastHeardByCompound(pool),
  ]);
  const { profiles } = standardInForce(isoTime(nowMs));
  const compounds = city.city.compounds.map(({ id, name, district, profile, timeZone }) => ({
    ...{ id, name, district: district ?? null, profile, timeZone, targetStars: profiles[profile] },
    ...{ registeredAtMs: registered.get(id)!, connected: heard.has(id), atRisk: risks.has(id) },
    history: changes.get(id) ?? [],
  }));
  const year = Number(new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', year: 'numeric' }).format(nowMs));
  const { districts } = programmeOf(loadProgrammeTargets(), { year, nowMs, compounds });
  const expected = districts.map(({ district, holding, counted, atRisk, connected, forecast }) => ({
    ...{ district, holding, counted, at_risk: atRisk, connected, forecast },
  }));
  const { rows } = await pool.query(
    'SELECT district, holding, counted, at_risk, connected, forecast FROM reporting_v1.programme_district',
  );
  const byDistrict = (a: { district: string | null }, b: { district: string | null }) =>
    String(a.district) < String(b.district) ? -1 : 1;
  expect(rows.sort(byDistrict)).toEqual(expected.sort(byDistrict));
  expect(expected.some(({ holding, at_risk }) => holding > 0 || at_risk > 0)).toBe(true);
});
