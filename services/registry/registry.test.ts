import { compound, compoundChange, device, deviceChange } from './registry.ts';

describe('a change', () => {
  test('names what it changes and nothing else, or it would empty lists that nobody spoke of', () => {
    expect(compoundChange.parse({ name: 'Harbour View' })).toEqual({ name: 'Harbour View' });
    expect(deviceChange.parse({ name: 'North gate' })).toEqual({ name: 'North gate' });
  });
  test.each([
    ['id of a compound', compoundChange, { id: 'other' }],
    ['id of a device', deviceChange, { id: 'other' }],
    ['compound of a device', deviceChange, { compound: 'other' }],
    ['kind of a device', deviceChange, { kind: 'camera' }],
    ['adoption of a device', deviceChange, { adopted: true }],
    ['field nobody knows', deviceChange, { colour: 'red' }],
  ])('may not touch the %s', (_, schema, change) => {
    expect(schema.safeParse(change).success).toBe(false);
  });
});

describe('a registration', () => {
  test('fills in what is left out', () => {
    const harbourView = { id: 'harbour-view', name: 'Harbour View', profile: 'new', households: 12 };
    expect(compound.parse(harbourView)).toEqual({
      ...harbourView,
      timeZone: 'Asia/Shanghai',
      figures: {},
      buildings: [],
      positions: [],
    });
    const gate = { id: 'gate-1', compound: 'harbour-view', kind: 'access-gate', name: 'Gate' };
    expect(device.parse(gate)).toEqual({ ...gate, dialect: 'canonical', covers: [], features: [], adopted: false });
  });
  test.each(['Gate', 'gate_1', 'gate--1', '-gate', 'gate-', '', 'a'.repeat(65), 'tor-ä'])(
    'refuses the id "%s"',
    (id) => {
      expect(compound.shape.id.safeParse(id).success).toBe(false);
    },
  );
  test('refuses a time zone that nobody knows', () => {
    expect(compound.shape.timeZone.safeParse('Asia/Weihai').success).toBe(false);
  });
});
