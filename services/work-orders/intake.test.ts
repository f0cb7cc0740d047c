import { describe, expect, test } from '@jest/globals';
import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import {
  hashOf,
  intakeDecider,
  intakeIds,
  intakeReport,
  knownPlace,
  newIntakeToken,
  receiptAsTold,
  withoutNumbers,
} from './intake.ts';
import { intakeStatusOf } from './intake-status.ts';
import type { WorkOrderEvent } from './order-events.ts';

describe("a resident's words for the log", () => {
  test.each([
    ['门坏了，请打 13812345678', '门坏了，请打 ***'],
    ['电话 138-1234-5678 或 0631 5234567', '电话 *** 或 ***'],
    ['+86 138 1234 5678', '***'],
    ['１３８１２３４５６７８', '***'],
    ['身份证 37100219900307123X', '身份证 ***'],
    ['mail wang.li@example.com now', 'mail *** now'],
    ['鲁K·12345 占道', '*** 占道'],
    ['2026-03-01 起 3 号楼 2 单元 1202 漏水', '2026-03-01 起 3 号楼 2 单元 1202 漏水'],
    ['since 12:30, 500 people', 'since 12:30, 500 people'],
  ])('%s', (said, kept) => expect(withoutNumbers(said)).toBe(kept));
});

describe('a report', () => {
  test('sent twice is one order with one receipt', () => {
    const request = '0b6f1c2e-55c1-4a9e-9a55-0a5b6f4f2d11';
    expect(intakeIds('harbour-view', request)).toEqual(intakeIds('harbour-view', request));
    expect(intakeIds('other', request).order).not.toBe(intakeIds('harbour-view', request).order);
  });

  test('gives its receipt away neither by the order nor by what caused it', () => {
    const { order, receipt, causedBy } = intakeIds('harbour-view', 'a');
    expect(receipt).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){3}$/);
    expect(causedBy).not.toBe(hashOf(receipt));
    expect(order).not.toContain(receipt.slice(0, 4));
    expect(receiptAsTold(` ${receipt.toUpperCase().replaceAll('-', ' ')} `)).toBe(receipt);
  });

  test('of a complaint says what it is about', () => {
    expect(intakeReport.safeParse({ kind: 'repair' }).success).toBe(true);
    expect(intakeReport.safeParse({ kind: 'complaint' }).success).toBe(false);
    expect(intakeReport.safeParse({ kind: 'complaint', text: '  ' }).success).toBe(false);
    expect(intakeReport.safeParse({ kind: 'complaint', text: '噪声' }).success).toBe(true);
  });

  test('names only places that the compound has; a position brings its building', () => {
    const compound = { buildings: [{ id: 'b1' }], positions: [{ id: 'lift-1', building: 'b1' }, { id: 'gate' }] };
    expect(knownPlace(compound, { position: 'lift-1' })).toEqual({ building: 'b1', position: 'lift-1' });
    expect(knownPlace(compound, { building: 'b1', position: 'gate' })).toEqual({ building: 'b1', position: 'gate' });
    expect(knownPlace(compound, {})).toEqual({});
    expect(() => knownPlace(compound, { building: 'b2' })).toThrow('building');
    expect(() => knownPlace(compound, { position: 'roof' })).toThrow('position');
  });
});

test('a token ends the one before; closing twice says it once', () => {
  const [first, second] = [newIntakeToken(), newIntakeToken()];
  expect(first).not.toBe(second);
  expect(first).toMatch(/^[0-9a-z]{20}$/);
  const { initial, evolve, decide } = intakeDecider;
  const issued = decide({ type: 'issue', sha256: hashOf(first) }, initial).reduce(evolve, initial);
  const again = decide({ type: 'issue', sha256: hashOf(second) }, issued).reduce(evolve, issued);
  expect(again.sha256).toBe(hashOf(second));
  const closed = decide({ type: 'close' }, again).reduce(evolve, again);
  expect(closed.sha256).toBeNull();
  expect(decide({ type: 'close' }, closed)).toEqual([]);
});

describe('what a resident sees', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 8, minute)).toISOString();
  const raised: WorkOrderEvent = {
    type: 'work-order.raised',
    data: {
      ...{ compound: 'harbour-view', code: 'resident-repair', lasting: false, late: false, raisedAt: at(0) },
      ...{ title: { zh: '居民报修', en: 'A resident asks for a repair' }, serviceLevel: 'general-repair' },
      ...{ priority: 'P2', deadlines: { acknowledge: at(30), onSite: null, resolve: at(59) } },
    },
  };
  const story = (...events: WorkOrderEvent[]): RecordedEvent[] =>
    events.map((event, revision) => ({
      ...event,
      id: String(revision),
      meta: {
        schemaVersion: 1,
        occurredAt: at(revision),
        receivedAt: at(revision),
        clock: 'trusted',
        actor: 'user:li',
      },
      stream: workOrderStream('a-1'),
      revision,
      position: String(revision + 1),
    }));
  const seen = (...events: WorkOrderEvent[]) =>
    intakeStatusOf({ receipt: 'r', kind: 'repair', reportedAt: at(0) }, story(raised, ...events));
  const acknowledged: WorkOrderEvent = { type: 'work-order.acknowledged', data: {} };
  const resolved: WorkOrderEvent = { type: 'work-order.resolved', data: { note: 'Li: new lock' } };
  const closed: WorkOrderEvent = { type: 'work-order.closed', data: { outcome: 'repaired', faultStanding: false } };

  test('is how far it is, and nobody else’s name or words', () => {
    const status = seen(acknowledged, { type: 'work-order.dispatched', data: { assignee: 'Li' } }, resolved);
    expect(status.steps.map(({ state }) => state)).toEqual(['received', 'under-way', 'done']);
    expect(status).toMatchObject({ state: 'done', dueAt: null, mayConfirm: true, mayRate: false });
    expect(JSON.stringify(status)).not.toContain('Li');
  });

  test('leads to a rating once it is closed, given once', () => {
    expect(seen()).toMatchObject({ state: 'received', dueAt: at(59), mayRate: false });
    expect(seen(acknowledged, resolved, closed)).toMatchObject({ state: 'closed', mayRate: true, score: null });
    expect(seen(acknowledged, resolved, closed, { type: 'work-order.rated', data: { score: 4 } })).toMatchObject({
      mayRate: false,
      score: 4,
    });
  });
});
