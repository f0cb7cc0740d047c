import { networkOf } from '../runtime/network.ts';
import { createAddressPolicy } from './address-policy.ts';

const strict = createAddressPolicy([]);
const open = createAddressPolicy(['10.20.0.0/16', '127.0.0.1/32', 'fd00::/8']);

test.each([
  ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
  ...[
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
  ],
  ...['64:ff9b::7f00:1', '2002:7f00:1::', '::ffff:7f00:1'],
])('%s is nobody’s on the internet', (address) => {
  expect(strict.refuses(address, 'https:')).toMatch(/private or reserved/);
});

test.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111'])('%s is, by https', (address) => {
  expect(strict.refuses(address, 'https:')).toBeUndefined();
  expect(strict.refuses(address, 'http:')).toMatch(/only https/);
});

test.each([
  ['10.20.3.4', undefined],
  ['::ffff:10.20.3.4', undefined],
  ['127.0.0.1', undefined],
  ['fd12::1', undefined],
  ['10.21.0.1', /private/],
  ['127.0.0.2', /private/],
])('of what is allowed: %s', (address, refused) => {
  if (refused === undefined) expect(open.refuses(address, 'http:')).toBeUndefined();
  else expect(open.refuses(address, 'http:')).toMatch(refused);
});

test.each([
  ['https://example.org/orders', undefined],
  ['http://example.org/orders', /https/],
  ['https://127.0.0.1/', /private/],
  ['https://[::1]/', /private/],
  ['https://2130706433/', /private/],
  ['https://0x7f.1/', /private/],
  ['https://user:word@example.org/', /no user/],
  ['https://example.org/#a', /fragment/],
  ['ftp://example.org/', /https:/],
  ['nonsense', /https:/],
  ['file:///etc/passwd', /https:/],
])('the address %s', (url, refused) => {
  if (refused === undefined) expect(strict.refusesUrl(url)).toBeUndefined();
  else expect(strict.refusesUrl(url)).toMatch(refused);
});

test.each([
  ['10.0.0.0/8', true],
  ['::1/128', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0', false],
  ['example.org/8', false],
])('the network %s: %s', (text, expected) => {
  expect(networkOf(text) !== undefined).toBe(expected);
});
