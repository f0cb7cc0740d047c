import { compound, compoundChange, device, deviceChange } from './registry.ts';

describe('a change', () => {
  test('names what it changes and nothing else, or it would empty lists that nobody spoke of', () => {
    expect(compoundChange.parse({ name: 'Harbour View' })).toEqual({ name: 'Harbour View' });
    expect(deviceChange.parse({ name: 'North gate' })).toEqual({ name: 'North gate' });
  });
  test('takes optional fields away with null, and only those', () => {
    const deviceNulls = { externalId: null, gateway: null, position: null, band: null, ports: null };
    expect(deviceChange.parse(deviceNulls)).toEqual(deviceNulls);
    const compoundNulls = { district: null, code: null, coordinates: null };
    expect(compoundChange.parse(compoundNulls)).toEqual(compoundNulls);
    for (const field of ['name', 'dialect', 'covers', 'features'])
      expect(deviceChange.safeParse({ [field]: null }).success).toBe(false);
    for (const field of ['name', 'profile', 'households', 'positions'])
      expect(compoundChange.safeParse({ [field]: null }).success).toBe(false);
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
