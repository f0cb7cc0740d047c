import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beyondRange, modelsIn } from '../devices/model.ts';
import { evolveHealth, unheard } from '../services/projections/device-health/health.ts';
import { silenceOf } from '../services/projections/device-health/silence.ts';
import { createStory } from '../services/projections/star-rating/events-for-tests.ts';
import { joinedWithinMs, silentAfterMs } from '../services/projections/star-rating/kind-silence.ts';
import { loadFaultPolicy } from '../services/work-orders/fault-policy.ts';
import { signalsOf } from '../services/work-orders/fault-routing.ts';

const post = `
vendor: Acme
model: Volt 7
title: { zh: 充电桩, en: charging post }
kind: charging-post
dialects: [ocpp16]
capabilities: { events: [charging.metered, device.fault-raised], commands: [restart] }
quantities: { voltageV: { unit: V, min: 0, max: 300 } }
heartbeatSeconds: 60
silentAfterSeconds: 1200
faults:
  - { code: fan-stuck, class: impaired, text: { zh: 风扇卡住, en: fan stuck } }
  - { code: busbar-glowing, class: hazard, text: { zh: 母排发红, en: busbar glowing } }
`;

test('a new vendor model is one data file: its limits, ranges and faults hold, and no code knows its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'device-models-'));
  try {
    writeFileSync(join(folder, 'acme-volt-7.yaml'), post);
    const [model, ...others] = modelsIn(pathToFileURL(`${folder}/`));
    expect([model!.id, others]).toEqual(['acme-volt-7', []]);
    expect(silentAfterMs('charging-post', model)).toBe(1_200_000);
    expect(silentAfterMs('charging-post')).toBe(1_800_000);
    expect(beyondRange(model!, { voltageV: 230, currentA: 9_000 })).toBeUndefined();
    expect(beyondRange(model!, { voltageV: 400 })).toEqual({ quantity: 'voltageV', value: 400, min: 0, max: 300 });
    const ruleFor = (code: string, known: typeof model | undefined) => {
      const event = { type: 'device.fault-raised', data: { code } };
      const [signal] = signalsOf(loadFaultPolicy(), event, 'charging-post', known);
      return signal?.says === 'raised' ? [signal.rule.id, signal.code] : [];
    };
    expect(ruleFor('busbar-glowing', model)).toEqual(['charger-hazard-by-model', 'busbar-glowing']);
    expect(ruleFor('busbar-glowing', undefined)).toEqual(['charging-post-fault', 'busbar-glowing']);
    expect(ruleFor('fan-stuck', model)).toEqual(['charging-post-fault', 'fan-stuck']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a device of a model is silent by its limit, and its words join by it from when on it was told', () => {
  const heardAt = '2026-03-01T08:00:00.000Z';
  const heard = { ...unheard, kind: 'charging-post', lastHeardAt: heardAt };
  const silentFrom = (model: string | null) => {
    const event = createStory().said('post-1', 'device.changed', '2026-03-01T08:20:00.000Z', { model });
    return silenceOf(evolveHealth({ ...heard, model: 'ocpp-1.6j-post' }, event)).silentFrom;
  };
  expect(silentFrom('everest-station')).toBe('2026-03-01T08:05:00.000Z');
  expect([silentFrom(null), silentFrom('gone')]).toEqual(Array(2).fill('2026-03-01T08:30:00.000Z'));
  const joined = (atMs: number) => joinedWithinMs('charging-post', { 'everest-station': 1000, gone: 0 }, atMs);
  expect([joined(999), joined(1000)]).toEqual([900_000, 150_000]);
});
