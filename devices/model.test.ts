import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decodeChecked } from './decode-checked.ts';
import type { DeviceFact } from './dialect.ts';
import { dialects } from './dialects/registry.ts';
import { type DialectExample, exampleMessage, loadExamples } from './example-file.ts';
import { deviceModels, parseModel } from './model.ts';

const textOf = (file: string): string => readFileSync(new URL(`./models/${file}`, import.meta.url), 'utf8');
const doorMagnet = textOf('milesight-ws301.yaml');

test('no two files are of one model', () => {
  const names = deviceModels.map(({ vendor, model }) => `${vendor} ${model}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['Milesight WS301', 'OCPP 1.6J']));
});

test.each([
  ['a kind that nobody knows', ['kind: sensor', 'kind: toaster'], 'kind'],
  ['a dialect that nobody speaks', ['[chirpstack,', '[chirpstick,'], 'dialects.0'],
  [
    'an event of another kind',
    ['[sensor.measured,', '[gate.passed,'],
    "capabilities.events.0: sensor doesn't say gate.passed",
  ],
  [
    'a command of another kind',
    ['commands: []', 'commands: [open-gate]'],
    "capabilities.commands.0: sensor can't be asked",
  ],
  ['a quantity that nobody knows', ['contactOpen:', 'doorness:'], 'quantities'],
  ['another unit', ['unit: "%"', 'unit: V'], 'quantities.batteryPercent.unit: is in %'],
  ['a range beyond the physical', ['max: 100 }', 'max: 200 }'], 'quantities.batteryPercent: goes from 0 to 100'],
  [
    'a silence of fewer than three heartbeats',
    ['silentAfterSeconds: 90000', 'silentAfterSeconds: 30000'],
    'silentAfterSeconds',
  ],
  [
    'a fault that stands there twice',
    ['faults: []', 'faults: [&f { code: jam, class: outage, text: { zh: 卡, en: jam } }, *f]'],
    'faults.1.code: jam stands there twice',
  ],
  ['a fault without its class', ['faults: []', 'faults: [{ code: jam, text: { zh: 卡, en: jam } }]'], 'faults.0.class'],
])('%s is refused by name', (_, [from, to], complaint) => {
  expect(doorMagnet).toContain(from);
  expect(() => parseModel(doorMagnet.replace(from!, to!), 'x.yaml')).toThrow(`x.yaml: ${complaint}`);
});

const factsOf = (name: string): DeviceFact[] => {
  const dialect = dialects.find((known) => known.name === name)!;
  const examples: DialectExample[] = loadExamples(
    new URL(`./dialects/${name}.examples.yaml`, import.meta.url).pathname,
  );
  return examples.flatMap((entry) => {
    const decoded = decodeChecked(dialect, exampleMessage(entry), (key) => entry.recall[key]);
    return decoded.outcome === 'facts' ? decoded.facts : [];
  });
};

describe('the OCPP 1.6J post', () => {
  const model = deviceModels.find(({ vendor }) => vendor === 'OCPP')!;
  const facts = factsOf('ocpp16');

  test('says what its dialect says in the examples, and names every fault', () => {
    expect(model.capabilities.events).toEqual(expect.arrayContaining([...new Set(facts.map(({ type }) => type))]));
    const raised = facts.flatMap(({ type, data }) => (type === 'device.fault-raised' ? [data.code] : []));
    expect(raised.length).toBeGreaterThan(3);
    expect(model.faults.map(({ code }) => code)).toEqual(expect.arrayContaining([...new Set(raised)]));
  });

  test('measures within its ranges whatever the examples measure', () => {
    const values = facts.flatMap(({ data }) => Object.entries((data.values ?? {}) as Record<string, number>));
    expect(values.length).toBeGreaterThan(3);
    for (const [quantity, value] of values) {
      const range = model.quantities[quantity as keyof typeof model.quantities];
      expect(value).toBeGreaterThanOrEqual(range?.min ?? Number.NaN);
      expect(value).toBeLessThanOrEqual(range?.max ?? Number.NaN);
    }
  });
});
