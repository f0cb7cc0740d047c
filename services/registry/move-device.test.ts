import type { RecordedEvent } from '../event-log/event.ts';
import { registerCompound, registerDevice, retireDevice } from './commands.ts';
import { moveDevice } from './move-device.ts';
import { createRegistry, gate, harbourView, meta, refusalOf } from './registry-for-tests.ts';

const later = { ...meta, occurredAt: '2026-03-09T08:00:00.000Z' };

const createTwoCompounds = async () => {
  const parts = await createRegistry();
  const positions = [{ id: 'south', kind: 'entrance' as const, name: 'South' }];
  await registerCompound(parts, harbourView({ id: 'next-door', positions }), meta);
  return parts;
};

test('a device goes without the places and ways that it leaves, and is found in the new compound alone', async () => {
  const parts = await createTwoCompounds();
  await registerDevice(parts, gate({ id: 'gw', kind: 'gateway' }), meta);
  const beneath = { id: 'cam', dialect: 'bees', externalId: 'SN-1', gateway: 'gw', position: 'p-1', covers: ['p-1'] };
  await registerDevice(parts, gate(beneath), meta);
  const { device, movedAlong } = await moveDevice(parts, 'cam', { compound: 'next-door', position: 'south' }, later);
  expect(device).toEqual({
    ...gate(beneath),
    compound: 'next-door',
    position: 'south',
    covers: [],
    gateway: undefined,
  });
  expect(movedAlong).toEqual([]);
  expect(parts.index.devicesOf('harbour-view').map(({ id }) => id)).toEqual(['gw']);
  expect(parts.index.devicesOf('next-door').map(({ id }) => id)).toEqual(['cam']);
  // Its identity in the old compound is free again.
  await registerDevice(parts, gate({ ...beneath, id: 'cam-2' }), later);
});

test('what hangs on a gateway goes along with it, and keeps its way', async () => {
  const parts = await createTwoCompounds();
  await registerDevice(parts, gate({ id: 'feed' }), meta);
  await registerDevice(parts, gate({ id: 'gw', kind: 'gateway' }), meta);
  await registerDevice(parts, gate({ id: 'cam', gateway: 'gw', position: 'p-1', poweredBy: 'feed' }), meta);
  await registerDevice(parts, gate({ id: 'old', gateway: 'gw' }), meta);
  await retireDevice(parts, 'old', undefined, meta);
  const { movedAlong } = await moveDevice(parts, 'gw', { compound: 'next-door' }, later);
  expect(movedAlong).toEqual(['cam']);
  const cam = parts.index.device('cam')!;
  expect([cam.compound, cam.gateway, cam.position, cam.poweredBy]).toEqual(['next-door', 'gw', undefined, undefined]);
  expect(parts.index.device('old')!.compound).toBe('harbour-view');
});

test('as a correction it holds from its instant on, for what came later from its first day on', async () => {
  const parts = await createTwoCompounds();
  await registerDevice(parts, gate({ id: 'gw', kind: 'gateway' }), meta);
  const adopted = '2026-03-05T08:00:00.000Z';
  await registerDevice(parts, gate({ id: 'cam', gateway: 'gw' }), { ...meta, occurredAt: adopted });
  await moveDevice(parts, 'gw', { compound: 'next-door' }, { ...later, effectiveFrom: meta.occurredAt });
  const newest = async (device: string): Promise<RecordedEvent> =>
    (await parts.log.readStream(`device-${device}`)).at(-1)!;
  const { occurredAt, receivedAt, compound } = (await newest('gw')).meta;
  expect([occurredAt, receivedAt, compound]).toEqual([meta.occurredAt, later.occurredAt, 'harbour-view']);
  expect((await newest('cam')).meta.occurredAt).toBe(adopted);
});

test('a move that does not fit is refused with the field, and nothing is moved', async () => {
  const parts = await createTwoCompounds();
  await registerDevice(parts, gate({ id: 'gw', kind: 'gateway' }), meta);
  await registerDevice(parts, gate({ id: 'cam', dialect: 'bees', externalId: 'SN-1', uplink: 'gw' }), meta);
  await registerDevice(parts, gate({ id: 'twin', compound: 'next-door', dialect: 'bees', externalId: 'SN-1' }), meta);
  const { position } = await parts.log.head();
  const move = (to: Parameters<typeof moveDevice>[2], more = {}) =>
    refusalOf(moveDevice(parts, 'gw', to, { ...later, ...more }));
  expect(await move({ compound: 'harbour-view' })).toBe('device.not-fitting compound');
  expect(await move({ compound: 'nowhere' })).toBe('device.not-fitting compound');
  expect(await move({ compound: 'next-door', position: 'p-1' })).toBe('device.not-fitting position');
  expect(await move({ compound: 'next-door', gateway: 'gw' })).toBe('device.not-fitting gateway');
  expect(await move({ compound: 'next-door' }, { effectiveFrom: '2026-02-01T00:00:00.000Z' })).toBe(
    'registry.effective-date effectiveFrom',
  );
  // The camera that would go along is known there already by its own number.
  expect(await move({ compound: 'next-door' })).toBe('device.not-fitting externalId');
  expect((await parts.log.head()).position).toBe(position);
});
