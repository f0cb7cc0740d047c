import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { addOccasions, occasions, occasionsIn, takeOccasion } from './occasions.ts';
import { starRatingProjection } from './projection.ts';

const at = '2026-07-01T04:00:00.000Z';
const told = (type: string, compound: string | undefined = 'garden'): RecordedEvent => ({
  ...{ id: type, type, data: {}, stream: `compound-${compound}`, revision: 0, position: '1' },
  meta: {
    ...{ schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted' as const },
    ...(compound === undefined ? {} : { compound }),
  },
});

describe('what is an occasion to rate', () => {
  test.each([
    ['compound.changed', true],
    // After a restart the whole city has one.
    ['compound.gap-recorded', false],
    ['device.registered', true],
    ['device.retired', true],
    ['work-order.closed', true],
    ['meeting.held', true],
    ['camera.retention-reported', true],
    ['device.seen', false],
    ['device.disconnected', false],
    ['gate.passed', false],
    ['platform.reported', false],
    ['rating.changed', undefined],
  ])('%s', (type, atOnce) => {
    expect(occasionsIn([told(type)]).get('garden')).toBe(atOnce);
  });
  test('the strongest word counts, wherever it stands in the batch, and each compound for itself', () => {
    const events = [told('device.seen'), told('meeting.held'), told('gate.passed'), told('gate.passed', 'harbour')];
    expect([...occasionsIn(events)]).toEqual([
      ['garden', true],
      ['harbour', false],
    ]);
  });
  test('a device that is moved is one in both compounds', () => {
    const moved = { ...told('device.changed'), data: { compound: 'harbour' } };
    expect(occasionsIn([moved])).toEqual(
      new Map([
        ['harbour', true],
        ['garden', true],
      ]),
    );
  });
  test('what is of no compound is no occasion', () => {
    const { compound: _, ...meta } = told('gate.passed').meta;
    expect(occasionsIn([{ ...told('gate.passed'), meta }]).size).toBe(0);
  });
});

describe('in the database', () => {
  let server: PostgresForTests;
  let pool: ReturnType<typeof openPool>;
  beforeAll(async () => {
    server = await postgresForTests();
    pool = openPool(await server.newDatabase(), { maxConnections: 2 });
    await migrate(transact(pool));
    await pool.query(starRatingProjection.schema);
  });
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });
  beforeEach(async () => {
    await pool.query('TRUNCATE hub.rating_occasion');
  });

  test('a pressing word outweighs the others, and stays until it is taken', async () => {
    await addOccasions(pool, [told('gate.passed')]);
    expect(await occasions(pool)).toEqual([{ compound: 'garden', atOnce: false }]);
    await addOccasions(pool, [told('meeting.held')]);
    await addOccasions(pool, [told('gate.passed'), told('gate.passed', 'harbour')]);
    expect(await occasions(pool)).toEqual([
      { compound: 'garden', atOnce: true },
      { compound: 'harbour', atOnce: false },
    ]);
    await takeOccasion(pool, 'garden');
    expect(await occasions(pool)).toEqual([{ compound: 'harbour', atOnce: false }]);
  });

  test('they are written with what the projection folds', async () => {
    await starRatingProjection.apply(pool, [told('gate.passed'), told('compound.changed', 'harbour')]);
    expect(await occasions(pool)).toEqual([
      { compound: 'garden', atOnce: false },
      { compound: 'harbour', atOnce: true },
    ]);
  });
});
