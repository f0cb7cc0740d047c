import type { RatingFacts, WorkOrderFacts } from '../facts.ts';
import { type Answer, answerOf, atMs, dayMs, deviceFactsOf, factsOf, hourMs, workOrderOf } from '../facts-for-tests.ts';
import { type MeasureParameters, measure } from './measures.ts';

const minuteMs = 60_000;
const raisedAtMs = atMs - 2 * dayMs;
const post = deviceFactsOf({ id: 'post-1', kind: 'charging-post' });
const silentPost = deviceFactsOf({ id: 'post-1', kind: 'charging-post' }, { firstHeardAtMs: null });

describe('safety-faults-closed', () => {
  const parameters: MeasureParameters = {
    name: 'safety-faults-closed',
    deviceKinds: ['charging-post'],
    codes: ['high-temperature'],
    dueSeconds: 7200,
    whenNone: 'not-applicable',
  };
  const hot = (given: Partial<WorkOrderFacts> = {}) =>
    workOrderOf({ kind: 'charging-post', code: 'high-temperature', ...given });
  test.each<[string, WorkOrderFacts[], Answer]>([
    ['closed', [hot({ closedAtMs: atMs })], 100],
    ['one of two open', [hot({ closedAtMs: atMs }), hot()], 50],
    ['open, and not due yet', [hot({ raisedAtMs: atMs - 2 * hourMs })], 'not applicable'],
    ['open, and just overdue', [hot({ raisedAtMs: atMs - 2 * hourMs - 1 })], 0],
    ['cancelled', [hot({ cancelledAtMs: atMs })], 'not applicable'],
    ['another code', [hot({ code: 'offline' })], 'not applicable'],
    ['another kind', [hot({ kind: 'sensor' })], 'not applicable'],
    ['raised by a person, without a device', [hot({ kind: null })], 'not applicable'],
  ])('%s', (_, workOrders, expected) => {
    expect(answerOf(measure(factsOf({ devices: [post], workOrders }), parameters))).toBe(expected);
  });

  test('without a post that was ever heard, that nothing happened is not known', () => {
    expect(answerOf(measure(factsOf({ devices: [silentPost] }), parameters))).toBe('no evidence');
    expect(answerOf(measure(factsOf({ devices: [deviceFactsOf()] }), parameters))).toBe('no evidence');
  });

  test('whenNone', () => {
    const asked = { ...parameters, whenNone: 'no-evidence' as const };
    expect(answerOf(measure(factsOf({ devices: [post] }), asked))).toBe('no evidence');
  });
});

describe('acknowledged-within', () => {
  const parameters: MeasureParameters = {
    name: 'acknowledged-within',
    priorities: ['P0'],
    withinSeconds: 180,
    whenNone: 'not-applicable',
  };
  const alarm = (given: Partial<WorkOrderFacts> = {}) => workOrderOf({ priority: 'P0', ...given });
  test.each<[string, WorkOrderFacts[], Answer]>([
    ['at the boundary', [alarm({ acknowledgedAtMs: raisedAtMs + 3 * minuteMs })], 100],
    ['past it', [alarm({ acknowledgedAtMs: raisedAtMs + 3 * minuteMs + 1 })], 0],
    ['never', [alarm(), alarm({ acknowledgedAtMs: raisedAtMs })], 50],
    ['not yet, and still in time', [alarm({ raisedAtMs: atMs - minuteMs })], 'not applicable'],
    ['reported late', [alarm({ late: true })], 'not applicable'],
    ['another priority', [alarm({ priority: 'P1' })], 'not applicable'],
    ['none', [], 'not applicable'],
  ])('%s', (_, workOrders, expected) => {
    expect(answerOf(measure(factsOf({ devices: [post], workOrders }), parameters))).toBe(expected);
  });

  test('nobody would have told', () => {
    expect(answerOf(measure(factsOf(), parameters))).toBe('no evidence');
  });
});

describe('on-time', () => {
  const onSite: MeasureParameters = {
    name: 'on-time',
    priorities: ['P1'],
    step: 'on-site',
    whenNone: 'not-applicable',
  };
  const resolve: MeasureParameters = { ...onSite, step: 'resolve' };
  const minutesLater = (minutes: number) => raisedAtMs + minutes * minuteMs;
  test.each<[string, MeasureParameters, Partial<WorkOrderFacts>, Answer]>([
    ['there at the last moment', onSite, { arrivedAtMs: minutesLater(15) }, 100],
    ['there too late', onSite, { arrivedAtMs: minutesLater(15) + 1 }, 0],
    ['never there', onSite, {}, 0],
    ['resolved from afar in time', onSite, { resolvedAtMs: minutesLater(10) }, 100],
    ['not there, not due', onSite, { raisedAtMs: atMs - minuteMs }, 'not applicable'],
    ['over by itself before anybody was due', onSite, { closedAtMs: minutesLater(5) }, 'not applicable'],
    ['closed after it was due, nobody was there', onSite, { closedAtMs: minutesLater(50) }, 0],
    ['cancelled in time', onSite, { cancelledAtMs: minutesLater(5) }, 'not applicable'],
    ['its service level sets no time', onSite, { dueOnSiteMs: null }, 'not applicable'],
    ['reported late', onSite, { late: true }, 'not applicable'],
    ['another priority', onSite, { priority: 'P2' }, 'not applicable'],
    ['resolved in time', resolve, { resolvedAtMs: minutesLater(120) }, 100],
    ['resolved too late', resolve, { resolvedAtMs: minutesLater(121) }, 0],
    ['closed in time without being resolved', resolve, { closedAtMs: minutesLater(100) }, 100],
    ['there in time, never resolved', resolve, { arrivedAtMs: minutesLater(5) }, 0],
  ])('%s', (_, parameters, order, expected) => {
    const facts = factsOf({ devices: [post], workOrders: [workOrderOf(order)] });
    expect(answerOf(measure(facts, parameters))).toBe(expected);
  });
});

describe('what people say and do', () => {
  const rated: MeasureParameters = { name: 'satisfaction', satisfiedFrom: 4 };
  const held: MeasureParameters = { name: 'meetings-held', lookBackDays: 365 };
  const whistled: MeasureParameters = { name: 'whistles-on-time' };
  const meeting = (daysAgo: number, wasHeld: boolean) => ({
    id: `meeting-${daysAgo}`,
    plannedForMs: atMs - daysAgo * dayMs,
    heldAtMs: wasHeld ? atMs - daysAgo * dayMs : null,
  });
  const whistle = (dueMs: number | null, answeredAtMs: number | null) => ({
    id: 'whistle-1',
    department: '城管',
    blownAtMs: raisedAtMs,
    dueAtMs: dueMs,
    answeredAtMs,
  });
  const rating = (score: number) => ({ workOrder: `work-order-${score}`, score, ratedAtMs: raisedAtMs });
  test.each<[string, MeasureParameters, Partial<RatingFacts>, Answer]>([
    ['satisfied from four on', rated, { residentRatings: [5, 4, 3, 1].map(rating) }, 50],
    ['nobody rated', rated, {}, 'no evidence'],
    [
      'three of four quarters',
      held,
      { meetings: [meeting(10, true), meeting(100, true), meeting(190, true), meeting(280, false)] },
      75,
    ],
    ['one to come', held, { meetings: [meeting(-5, false), meeting(10, true)] }, 100],
    ['older than a year', held, { meetings: [meeting(366, false)] }, 'no evidence'],
    ['none planned', held, {}, 'no evidence'],
    ['answered at the last moment', whistled, { whistles: [whistle(raisedAtMs + hourMs, raisedAtMs + hourMs)] }, 100],
    ['answered late', whistled, { whistles: [whistle(raisedAtMs + hourMs, raisedAtMs + hourMs + 1)] }, 0],
    ['overdue', whistled, { whistles: [whistle(raisedAtMs + hourMs, null)] }, 0],
    ['not due', whistled, { whistles: [whistle(atMs, null)] }, 'no evidence'],
    ['without a due time', whistled, { whistles: [whistle(null, atMs)] }, 'no evidence'],
    ['none blown', whistled, {}, 'no evidence'],
  ])('%s', (_, parameters, facts, expected) => {
    expect(answerOf(measure(factsOf(facts), parameters))).toBe(expected);
  });
});
