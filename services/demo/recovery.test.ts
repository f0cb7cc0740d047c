import { expect, test } from '@jest/globals';
import { recoveryMessages } from './recovery.ts';

const nowMs = Date.parse('2026-03-01T04:00:00Z');
const said = (code: string, component: string | null = null) =>
  recoveryMessages({ code, component }, nowMs).map(({ payload }) => {
    const [{ type, data }] = JSON.parse(payload) as [{ type: string; data: unknown }];
    return [type, data];
  });

test.each([
  ['forced-open', 'main', ['gate.door-changed', { state: 'closed', door: 'main' }]],
  ['held-open', null, ['gate.door-changed', { state: 'closed', door: 'main' }]],
  ['scene-changed', null, ['camera.scene-changed', { active: false }]],
  ['smoke', null, ['sensor.threshold-crossed', { quantity: 'smoke', active: false }]],
  ['pressure-kpa', null, ['sensor.threshold-crossed', { quantity: 'pressureKPa', active: false }]],
  ['over-current', 'connector-2', ['device.fault-cleared', { code: 'over-current', component: 'connector-2' }]],
] as const)('%s is over', (code, component, expected) => {
  expect(said(code, component)).toEqual([expected]);
});

test('a device that was offline says that it is online', () => {
  const [message] = recoveryMessages({ code: 'offline', component: null }, nowMs);
  expect(message).toMatchObject({ topicSuffix: 'status', payload: 'online', retain: true });
});
