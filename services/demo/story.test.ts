import { describe, expect, test } from '@jest/globals';
import { decodeChecked } from '../../devices/decode-checked.ts';
import { dialect } from '../../devices/dialects/canonical.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { loadFaultPolicy } from '../work-orders/fault-policy.ts';
import { signalsOf } from '../work-orders/fault-routing.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';
import { haiyuLanting } from './haiyu-lanting.ts';
import { shengdeHemeiJiayuan } from './shengde-hemei-jiayuan.ts';
import { cast, inspection, type StoryStep, story } from './story.ts';

const nowMs = Date.parse('2026-03-01T04:00:00Z');
const policy = loadFaultPolicy(loadServiceLevels());
const kindOf = (id: string) =>
  shengdeHemeiJiayuan().devices.find(({ registration }) => registration.id === id)?.registration.kind;

const decodedOf = ({ act, device }: StoryStep) =>
  act.do !== 'say'
    ? []
    : act.messages(nowMs).map(({ topicSuffix, payload, retain }) =>
        decodeChecked(
          dialect,
          {
            topic: `xy/v1/shengde-hemei-jiayuan/${device}/${topicSuffix}`,
            payload: Buffer.from(payload),
            retain,
            timeZone: 'Asia/Shanghai',
          },
          () => undefined,
        ),
      );

const signals = (step: StoryStep) =>
  decodedOf(step).flatMap((decoded) =>
    decoded.outcome === 'facts'
      ? decoded.facts.flatMap((fact) =>
          signalsOf(policy, fact as Pick<RecordedEvent, 'type' | 'data'>, kindOf(step.device)),
        )
      : [],
  );

test('everything that is said is understood, but for the typing error', () => {
  const refusals = story.flatMap((step) =>
    decodedOf(step).flatMap((decoded) => (decoded.outcome === 'refused' ? [[step.device, decoded.code]] : [])),
  );
  expect(refusals).toEqual([[cast.typist, 'contract-violated']]);
});

test('orders of all four priorities are raised within a minute', () => {
  const levels = loadServiceLevels();
  const early = story.filter(({ atSeconds }) => atSeconds < 60);
  const raised = early
    .flatMap(signals)
    .flatMap((signal) => (signal.says === 'raised' ? [levels.get(signal.rule.serviceLevel)?.priority] : []));
  expect([...raised].sort()).toEqual(['P0', 'P1', 'P1', 'P2', 'P3']);
  expect(early.filter(({ act }) => act.do === 'cut')).toHaveLength(2);
});

describe('each fault that begins', () => {
  const lasting = story.filter(({ hold, device }) => hold === 'begin' && device !== cast.deadPost);
  test.each(lasting.map((step) => [step.device, step] as const))('%s ends by itself', (device, step) => {
    const end = story.find((candidate) => candidate.device === device && candidate.hold === 'end');
    expect(end?.atSeconds).toBeGreaterThan(step.atSeconds);
    if (step.act.do === 'cut') {
      expect(end?.act.do).toBe('come-back');
      return;
    }
    const named = (wanted: StoryStep, says: 'raised' | 'cleared') =>
      signals(wanted)
        .filter((signal) => signal.says === says)
        .map(({ code, component }) => `${code} ${component ?? ''}`);
    expect(named(step, 'raised')).toHaveLength(1);
    expect(named(end!, 'cleared')).toContain(named(step, 'raised')[0]);
  });
});

test('the broken post never comes back', () => {
  expect(story.filter(({ device }) => device === cast.deadPost).map(({ act }) => act.do)).toEqual(['cut']);
});

test('what an inspection takes away stood there before, and comes back', () => {
  const { figures } = haiyuLanting().compound;
  const told = inspection.map((step) => ({ ...figures, ...step.figures }));
  expect(told[0]).not.toEqual(figures);
  expect(told.at(-1)).toEqual(figures);
  expect(inspection.every(({ compound }) => compound === haiyuLanting().compound.id)).toBe(true);
});
