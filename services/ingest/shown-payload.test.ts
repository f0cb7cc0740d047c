import { shownPayload } from './shown-payload.ts';

const shown = (text: string, named: string[] = []) => shownPayload(Buffer.from(text), named).text;

test.each([
  ['{"personName":"Li Wei","telnum":"138","temperatureC":21}', '{"personName":"•••","telnum":"•••","temperatureC":21}'],
  [
    '{"cardNo": 123456, "sub_label": ["Anna", 0.9], "score": 0.9}',
    '{"cardNo": "•••", "sub_label": "•••", "score": 0.9}',
  ],
  ['{"plate":"ABC123","broken', '{"plate":"•••","broken'],
  [
    '<event><licensePlate>ABC123</licensePlate><channelID>1</channelID></event>',
    '<event><licensePlate>•••</licensePlate><channelID>1</channelID></event>',
  ],
  ['{"faceluiceId":"1306612","channel":"gate"}', '{"faceluiceId":"1306612","channel":"gate"}'],
])('%s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

test('what the dialect took for a person is hidden wherever it stands', () => {
  expect(shown('RFID 04A1B2C3 read', ['04A1B2C3'])).toBe('RFID ••• read');
});

test('a picture is told by its length, a long payload is cut, bytes that are no text are shown in hex', () => {
  expect(shown(`{"pic":"${'A'.repeat(5000)}","x":1}`)).toBe('{"pic":"… 5000 characters …","x":1}');
  const long = shownPayload(Buffer.from(`[${'1,'.repeat(100_000)}1]`));
  expect(long).toMatchObject({ sizeBytes: 200_003, isCut: true });
  expect(long.text).toHaveLength(4096);
  expect(shownPayload(Buffer.from('中'.repeat(30_000))).text).toBe('中'.repeat(4096));
  expect(shownPayload(Uint8Array.of(0xff, 0xfe, 1))).toEqual({ sizeBytes: 3, text: null, hex: 'fffe01', isCut: false });
});
