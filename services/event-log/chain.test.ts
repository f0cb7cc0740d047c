import { createHash } from 'node:crypto';
import { eventHash, genesisHash, merkleRoot, seal } from './chain.ts';

const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const event = {
  id: '00000000-0000-8000-8000-000000000001',
  stream: 'device-门1',
  revision: 3,
  type: 'gate.passed',
  data: '{"b":1,"a":2}',
  meta: '{}',
};

describe('eventHash', () => {
  test('is sha-256 over a leaf byte and the stored text, fields separated by NUL', () => {
    const text = ['00000000-0000-8000-8000-000000000001', 'device-门1', '3', 'gate.passed', '{"b":1,"a":2}', '{}'];
    expect(eventHash(event)).toEqual(sha256(Buffer.from([1]), text.join('\0')));
  });

  test.each([
    ['id', { id: '00000000-0000-8000-8000-000000000002' }],
    ['stream', { stream: 'device-2' }],
    ['revision', { revision: 4 }],
    ['type', { type: 'gate.denied' }],
    ['key order of data', { data: '{"a":2,"b":1}' }],
    ['meta', { meta: '{"actor":"x"}' }],
    ['a boundary between fields', { data: '{"b":1,"a":2}{', meta: '}' }],
  ])('changes with %s', (_name, change) => {
    expect(eventHash({ ...event, ...change })).not.toEqual(eventHash(event));
  });
});

describe('merkleRoot', () => {
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((text) => sha256(text));
  const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([2]), left, right);

  test.each([
    ['one', [a!], a!],
    ['two', [a!, b!], node(a!, b!)],
    ['three: the odd one moves up', [a!, b!, c!], node(node(a!, b!), c!)],
    ['five', [a!, b!, c!, d!, e!], node(node(node(a!, b!), node(c!, d!)), e!)],
  ])('%s', (_name, hashes, root) => {
    expect(merkleRoot(hashes)).toBe(root.toString('hex'));
  });

  test('changes with the order, and there is none of nothing', () => {
    expect(merkleRoot([a!, b!])).not.toBe(merkleRoot([b!, a!]));
    expect(() => merkleRoot([])).toThrow(RangeError);
  });
});

describe('seal', () => {
  const stretch = { firstPosition: 1, lastPosition: 2, root: 'ab' };
  test('covers the hash before it, the positions and the root', () => {
    expect(seal(genesisHash, stretch)).toBe(sha256(`${'0'.repeat(64)}\n1\n2\nab`).toString('hex'));
    const others = [
      seal(seal(genesisHash, stretch), stretch),
      seal(genesisHash, { ...stretch, firstPosition: 2 }),
      seal(genesisHash, { ...stretch, lastPosition: 3 }),
      seal(genesisHash, { ...stretch, root: 'ac' }),
    ];
    expect(new Set([seal(genesisHash, stretch), ...others]).size).toBe(5);
  });
});
