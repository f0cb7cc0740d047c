import { createNumberReader } from './packed-numbers.ts';

/** As `timestamptz_send` writes an instant: microseconds since 2000, eight bytes, the highest first. */
const instant = (at: string): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Date.parse(at) - Date.UTC(2000, 0, 1)) * 1000n);
  return bytes;
};

const integer = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

test.each([
  '2000-01-01T00:00:00.000Z',
  '1999-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.001Z',
  '2026-11-22T21:14:26.007Z',
  '2199-06-30T12:00:00.123Z',
])('reads %s to the millisecond', (at) => {
  expect(createNumberReader(instant(at)).instantMs()).toBe(Date.parse(at));
});

test('reads different numbers one after the other', () => {
  const days = Buffer.alloc(16);
  days.writeDoubleBE(35.5);
  days.writeDoubleBE(-0.25, 8);
  const minutes = Buffer.alloc(4);
  minutes.writeInt16BE(-1);
  minutes.writeInt16BE(1439, 2);
  const [one, other] = ['2026-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'];
  const numbers = createNumberReader(
    Buffer.concat([instant(one), instant(other), integer(-7), integer(100_052), days, minutes]),
  );
  expect([numbers.instantMs(), numbers.instantMs()]).toEqual([Date.parse(one), Date.parse(other)]);
  expect([numbers.integer(), numbers.integer()]).toEqual([-7, 100_052]);
  expect([numbers.double(), numbers.double()]).toEqual([35.5, -0.25]);
  expect([numbers.smallInteger(), numbers.smallInteger()]).toEqual([-1, 1439]);
});

test('reads from where its bytes begin in a buffer that they share', () => {
  const shared = Buffer.concat([integer(1), integer(2)]);
  expect(createNumberReader(shared.subarray(4)).integer()).toBe(2);
});

test('refuses to read more than there is', () => {
  const numbers = createNumberReader(integer(1));
  numbers.integer();
  expect(() => numbers.integer()).toThrow(RangeError);
});
