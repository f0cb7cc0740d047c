import fc from 'fast-check';
import { createDeviceLookups } from './device-lookups.ts';
import type { RegisteredDevice } from './registry-index.ts';

const deviceOf = (id: string, more: Partial<RegisteredDevice>): RegisteredDevice => ({
  ...{ id, compound: 'a', kind: 'camera', dialect: 'canonical', name: id, covers: [], features: [], adopted: false },
  ...{ registeredAt: '2026-07-01T00:00:00.000Z', retiredAt: null },
  ...more,
});
const put = fc.record({
  id: fc.constantFrom('d-1', 'd-2', 'd-3'),
  compound: fc.constantFrom('a', 'b'),
  retiredAt: fc.constantFrom(null, '2026-07-02T00:00:00.000Z'),
  externalId: fc.option(fc.constantFrom('SN-1', 'SN-2', 'SN-3'), { nil: undefined }),
});

test('every way to a device leads to what was put last', () => {
  fc.assert(
    fc.property(fc.array(put, { maxLength: 20 }), (puts) => {
      const lookups = createDeviceLookups<RegisteredDevice>();
      const devices = new Map<string, RegisteredDevice>();
      for (const { id, externalId, ...more } of puts) {
        // Ids of the outside are one device's each.
        const outside = externalId === undefined ? {} : { externalId: `${externalId} of ${id}` };
        const device = deviceOf(id, { ...more, ...outside });
        lookups.put(devices.get(id), device);
        devices.set(id, device);
      }
      for (const compound of ['a', 'b', 'c']) {
        const own = [...devices.values()].filter((device) => device.compound === compound);
        expect(new Set(lookups.of(compound))).toEqual(new Set(own));
        expect(lookups.standing(compound)).toBe(own.filter(({ retiredAt }) => retiredAt === null).length);
      }
      for (const id of ['d-1', 'd-2', 'd-3']) {
        for (const serial of ['SN-1', 'SN-2', 'SN-3']) {
          for (const compound of ['a', 'b']) {
            const externalId = `${serial} of ${id}`;
            const { [id]: device } = Object.fromEntries(devices);
            const isIt = device?.externalId === externalId && device.compound === compound && device.retiredAt === null;
            expect(lookups.outside({ compound, dialect: 'canonical', externalId })).toBe(isIt ? id : undefined);
          }
        }
      }
    }),
  );
});

test('no word of a device leads to another one', () => {
  const lookups = createDeviceLookups<RegisteredDevice>();
  lookups.put(undefined, deviceOf('d-1', { dialect: 'ocpp16|gw', externalId: 'x' }));
  lookups.put(undefined, deviceOf('d-2', { dialect: 'ocpp16', externalId: 'gw|x' }));
  const outside = { compound: 'a', dialect: 'ocpp16' };
  expect(lookups.outside({ ...outside, gateway: 'gw', externalId: '|x' })).toBeUndefined();
  expect(lookups.outside({ ...outside, gateway: 'gw', externalId: 'x' })).toBeUndefined();
  expect(lookups.outside({ ...outside, externalId: 'gw|x' })).toBe('d-2');
});
