import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { deviceEvents } from '../../devices/device-events.ts';
import { accessGate } from '../../devices/kinds/access-gate/contract.ts';
import { camera } from '../../devices/kinds/camera/contract.ts';
import { chargingPost } from '../../devices/kinds/charging-post/contract.ts';
import { sensor } from '../../devices/kinds/sensor/contract.ts';
import { loadFaultPolicy, parseFaultPolicy } from './fault-policy.ts';
import { signalsOf } from './fault-routing.ts';
import { loadServiceLevels } from './service-levels.ts';

const levels = loadServiceLevels();
const policy = loadFaultPolicy(levels);
const contracts: Record<string, z.ZodType> = {
  ...deviceEvents,
  ...accessGate.events,
  ...camera.events,
  ...chargingPost.events,
  ...sensor.events,
};

describe('laws', () => {
  test.each(policy.rules)('$id asks about events and fields that devices can send', ({ on, clearedBy, ...rule }) => {
    const fieldsOf = (type: string): string[] => Object.keys((contracts[type] as z.ZodObject | undefined)?.shape ?? {});
    const named = (fields: (string | undefined)[]): string[] => fields.filter((field) => field !== undefined);
    expect(fieldsOf(on.type)).toEqual(
      expect.arrayContaining(named([rule.codeFrom, rule.componentFrom, ...Object.keys(on.where ?? {})])),
    );
    for (const clearing of clearedBy) {
      const fields = [
        rule.codeFrom,
        clearing.componentFrom ?? rule.componentFrom,
        ...Object.keys(clearing.where ?? {}),
      ];
      expect(fieldsOf(clearing.type)).toEqual(expect.arrayContaining(named(fields)));
    }
  });
  test.each(policy.rules)('$id has a title in both languages', ({ title }) => {
    expect(title.zh).toMatch(/\p{Script=Han}/u);
    expect(title.en).toMatch(/[a-z]/);
  });
  test('rules of one code and kind are cleared by the same word of the device', () => {
    const cleared = policy.rules.filter(({ codeFrom }) => codeFrom === 'code').map(({ clearedBy }) => clearedBy);
    for (const clearedBy of cleared) expect(clearedBy).toEqual([{ type: 'device.fault-cleared' }]);
  });
});

const raises: [string | undefined, string, Record<string, unknown>, string, string, string][] = [
  ['access-gate', 'device.disconnected', { reason: 'will' }, 'offline', '', 'gate-out-of-order P1'],
  ['gateway', 'device.disconnected', { reason: 'keepalive' }, 'offline', '', 'urgent-repair P1'],
  ['camera', 'device.disconnected', {}, 'offline', '', 'device-offline P2'],
  [undefined, 'device.disconnected', { reason: 'reported' }, 'offline', '', 'device-offline P2'],
  [
    'charging-post',
    'device.fault-raised',
    { code: 'high-temperature', component: '1' },
    'high-temperature',
    '1',
    'e-bike-or-charger-hazard P1',
  ],
  ['charging-post', 'device.fault-raised', { code: 'over-voltage' }, 'over-voltage', '', 'general-repair P2'],
  ['sensor', 'device.fault-raised', { code: 'high-temperature' }, 'high-temperature', '', 'general-repair P2'],
  ['sensor', 'device.fault-raised', { code: 'nobody-foresaw-this' }, 'nobody-foresaw-this', '', 'general-repair P2'],
  [undefined, 'device.fault-raised', { code: 'nobody-foresaw-this' }, 'nobody-foresaw-this', '', 'general-repair P2'],
  ['access-gate', 'device.fault-raised', { code: 'forced-open' }, 'forced-open', '', 'gate-out-of-order P1'],
  ['sensor', 'device.fault-raised', { code: 'people-trapped' }, 'people-trapped', '', 'lift-people-trapped P0'],
  ['access-gate', 'gate.forced-open', { door: 'b' }, 'forced-open', 'b', 'gate-out-of-order P1'],
  ['access-gate', 'gate.held-open', {}, 'held-open', '', 'gate-out-of-order P1'],
  ['access-gate', 'device.tampered', {}, 'tampered', '', 'urgent-repair P1'],
  ['camera', 'device.tampered', { active: true }, 'tampered', '', 'general-repair P2'],
  ['camera', 'camera.scene-changed', { cause: 'covered' }, 'scene-changed', '', 'general-repair P2'],
  [
    'camera',
    'camera.analytics-reported',
    { analytic: 'e-bike-in-lift' },
    'e-bike-in-lift',
    '',
    'e-bike-or-charger-hazard P1',
  ],
  ['camera', 'camera.analytics-reported', { analytic: 'fire-smoke', active: true }, 'fire-seen', '', 'fire-alarm P0'],
  ['sensor', 'sensor.threshold-crossed', { quantity: 'smoke', active: true }, 'smoke', '', 'fire-alarm P0'],
  ['sensor', 'sensor.threshold-crossed', { quantity: 'smokeAlarm', active: true }, 'smoke-alarm', '', 'fire-alarm P0'],
  [
    'sensor',
    'sensor.threshold-crossed',
    { quantity: 'gasPercentLel', active: true },
    'gas-percent-lel',
    '',
    'danger-to-life P0',
  ],
  [
    'sensor',
    'sensor.threshold-crossed',
    { quantity: 'water-leak', active: true },
    'water-leak',
    '',
    'urgent-repair P1',
  ],
  [
    'sensor',
    'sensor.threshold-crossed',
    { quantity: 'temperatureC', active: true, channel: '2' },
    'temperature-c',
    '2',
    'general-repair P2',
  ],
  [
    'sensor',
    'sensor.threshold-crossed',
    { quantity: 'pressureKPa', active: true },
    'pressure-kpa',
    '',
    'general-repair P2',
  ],
  ['sensor', 'device.battery-low', { batteryPercent: 8 }, 'battery-low', '', 'complex-repair P3'],
];

test.each(raises)('%s %s %j raises %s on part "%s": %s', (kind, type, data, code, component, expected) => {
  const [signal] = signalsOf(policy, { type, data }, kind);
  expect(contracts[type]!.safeParse(data).success).toBe(true);
  expect(signal).toMatchObject({ says: 'raised', code, component });
  const level = levels.get(signal?.says === 'raised' ? signal.rule.serviceLevel : '');
  expect(`${level?.id} ${level?.priority}`).toBe(expected);
});

const clears: [string, Record<string, unknown>, [string, string | null][]][] = [
  ['device.connected', {}, [['offline', null]]],
  ['device.fault-cleared', { code: 'over-voltage', component: '1' }, [['over-voltage', '1']]],
  ['device.fault-cleared', { code: 'forced-open' }, [['forced-open', null]]],
  [
    'gate.door-changed',
    { state: 'closed', door: 'b' },
    [
      ['forced-open', 'b'],
      ['held-open', 'b'],
    ],
  ],
  ['gate.door-changed', { state: 'open' }, []],
  ['device.tampered', { active: false }, [['tampered', null]]],
  ['camera.scene-changed', { active: false }, [['scene-changed', null]]],
  ['camera.analytics-reported', { analytic: 'fire-smoke', active: false }, []],
  ['camera.analytics-reported', { analytic: 'motion', active: true }, []],
  ['sensor.threshold-crossed', { quantity: 'smoke', active: false }, [['smoke', null]]],
  ['sensor.threshold-crossed', { quantity: 'temperatureC', active: false, channel: '2' }, [['temperature-c', '2']]],
  ['device.disconnected', { reason: 'goodbye' }, []],
  ['device.disconnected', { reason: 'taken-over' }, []],
];

test.each(clears)('%s %j clears %j', (type, data, expected) => {
  const signals = signalsOf(policy, { type, data }, 'camera');
  expect(signals).toEqual(expected.map(([code, component]) => ({ says: 'cleared', code, component })));
});

describe('a policy that is wrong says where', () => {
  const rule = (id: string, on: string, rest = 'lasting: false'): string =>
    `  - { id: ${id}, on: ${on}, code: dark, title: { zh: 灯灭, en: Dark }, serviceLevel: general-repair, trade: general, ${rest} }`;
  const file = (...rules: string[]): string => ['lateAfterSeconds: 900', 'rules:', ...rules].join('\n');
  test.each([
    [
      file(rule('a', '{ type: lamp.dark }', 'lasting: true')),
      'rules.0.clearedBy: a lasting fault names what clears it',
    ],
    [
      file(rule('a', '{ type: lamp.dark }').replace('code: dark', 'codeFrom: x, code: dark')),
      'name one of code and codeFrom',
    ],
    [file(rule('a', '{ type: lamp.dark }').replace('general-repair', 'gold')), 'rule a: no service level gold'],
    [file(rule('a', '{ type: lamp.dark }'), rule('a', '{ type: lamp.lit }')), 'rule a is there twice'],
    [
      file(rule('a', '{ type: lamp.dark }'), rule('b', '{ type: lamp.dark, kinds: [lamp] }')),
      'rule b never applies: a before it',
    ],
    [
      file(
        rule('a', '{ type: lamp.dark, where: { cause: { not: [night] } } }'),
        rule('b', '{ type: lamp.dark, where: { cause: [fuse, wire] } }'),
      ),
      'rule b never applies',
    ],
  ])('%#', (text, complaint) => {
    expect(() => parseFaultPolicy(text, levels)).toThrow(complaint);
  });
  test('the special before the general is right', () => {
    const text = file(
      rule('a', '{ type: lamp.dark, where: { cause: [fuse, wire] } }'),
      rule('b', '{ type: lamp.dark, where: { cause: { not: [night] } } }'),
      rule('c', '{ type: lamp.dark, kinds: [lamp] }'),
      rule('d', '{ type: lamp.dark }'),
    );
    expect(parseFaultPolicy(text, levels).rules.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
