import { createHash } from 'node:crypto';
import { createProofCheck, type ProofCheck } from '../event-log/check-proof.ts';
import { fingerprintOf, isSignedBy } from '../runtime/signing-key.ts';
import { type BundleLine, bundleLine, type HeaderLine, type ItemLine } from './bundle-lines.ts';

/** What somebody holds who trusts the file no further than that. */
export interface Expected {
  /** Hashes of heads of the log. */
  heads: readonly string[];
  /** The hub's public key, or its fingerprint. */
  key?: string | undefined;
}

export interface BundleFault {
  /** Counted from 1. */
  line: number;
  reason: string;
}

export interface BundleVerdict {
  /** The first that doesn't hold; `null` where everything does. */
  fault: BundleFault | null;
  header: HeaderLine | null;
  /** By the key that the header names. */
  signed: boolean;
  /** Of `expected`, whether the key is that one; `null` where none was given. */
  keyIsExpected: boolean | null;
  /** Which of the heads that were given the bundle can't be linked to. */
  headsMissed: string[];
  /** Whether numerator and denominator are the sums of the contributions'; `null` where there is nothing to sum up. */
  addsUp: boolean | null;
  lines: number;
  counts: {
    items: number /** Contributions of which not all events are here. */;
    incomplete: number;
    events: number;
    commits: number;
  };
}

const newline = 0x0a;
const lineBytesMax = 64 * 1024 * 1024;

/** Lines with their newline, as the bytes that they are. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, end + 1)]);
      [held, heldBytes, from] = [[], 0, end + 1];
    }
    if (from === chunk.length) continue;
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > lineBytesMax) throw new RangeError(`a line is longer than ${lineBytesMax} bytes`);
  }
  if (held.length > 0) yield Buffer.concat(held);
}

const parse = (bytes: Buffer): BundleLine | string => {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return 'it is no JSON';
  }
  const parsed = bundleLine.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `${issue!.path.map(String).join('.') || 'kind'}: ${issue!.message}`;
};

/** As far as binary fractions allow. */
const isSum = (parts: readonly (number | null)[], whole: number | null): boolean => {
  const sum = parts.reduce<number>((total, part) => total + (part ?? 0), 0);
  return whole === null || Math.abs(sum - whole) <= 1e-6 * Math.max(1, Math.abs(whole));
};

const addsUp = ({ numerator, denominator }: HeaderLine, items: readonly ItemLine[]): boolean | null => {
  if (numerator === null || denominator === null) return null;
  const counted = items.filter((item) => item.counted);
  return (
    isSum(
      counted.map((item) => item.numerator),
      numerator,
    ) &&
    isSum(
      counted.map((item) => item.denominator),
      denominator,
    )
  );
};

/** Everything between the first line and the last: contributions, and the proof of their events. */
const createBody = (header: HeaderLine) => {
  const proof: ProofCheck | undefined = header.head === null ? undefined : createProofCheck(header.head);
  const items: { line: number; item: ItemLine }[] = [];
  const positions = new Set<string>();
  const takeProof = (line: Exclude<BundleLine, { kind: 'header' | 'item' | 'signature' }>): string | undefined => {
    if (line.kind === 'event') positions.add(line.position);
    if (proof !== undefined) return proof.take(line);
    return line.kind === 'event' ? undefined : 'there is no head that it could lead to';
  };
  return {
    take(line: BundleLine, number: number): string | undefined {
      if (line.kind === 'header' || line.kind === 'signature') return `a second ${line.kind}`;
      if (line.kind !== 'item') return takeProof(line);
      if (positions.size > 0) return 'a contribution after the events';
      items.push({ line: number, item: line });
      return undefined;
    },
    end(number: number): BundleFault | undefined {
      const reason = proof?.end();
      if (reason !== undefined) return { line: number, reason };
      for (const { line, item } of items) {
        const missing = item.events.find((position) => !positions.has(position));
        if (missing !== undefined) return { line, reason: `names an event, position ${missing}, that is not here` };
      }
      return undefined;
    },
    covers: (hash: string): boolean => proof?.covers(hash) ?? false,
    addsUp: () =>
      addsUp(
        header,
        items.map(({ item }) => item),
      ),
    counts: () => ({
      items: items.length,
      events: positions.size,
      commits: proof?.counts().commits ?? 0,
      incomplete: items.filter(({ item }) => !item.eventsComplete).length,
    }),
  };
};

/** Whether the last line signs all those before it, and is written in the one way that it can be. */
const faultOfSignature = (bytes: Buffer, digest: Buffer, publicKey: string | undefined): string | undefined => {
  const line = parse(bytes);
  if (typeof line === 'string' || line.kind !== 'signature') return 'the file has no signature at its end';
  const { kind, sha256, signature } = line;
  const onlyText = `${JSON.stringify({ kind, sha256, signature: Buffer.from(signature, 'base64').toString('base64') })}\n`;
  if (!bytes.equals(Buffer.from(onlyText))) return 'the signature is not written as the hub writes it';
  if (sha256 !== digest.toString('hex')) return 'the lines before it are not the ones that were signed';
  if (publicKey === undefined || !isSignedBy(publicKey, digest, signature)) return 'the signature is not of that key';
  return undefined;
};

/** Takes line by line, each one late: only then is it known whether it is the last. */
const createReading = () => {
  const digest = createHash('sha256');
  let header: HeaderLine | null = null;
  let body: ReturnType<typeof createBody> | undefined;
  let fault: BundleFault | undefined;
  const judge = (bytes: Buffer, number: number): string | undefined => {
    const line = parse(bytes);
    if (typeof line === 'string') return line;
    if (body !== undefined) return body.take(line, number);
    if (line.kind !== 'header') return 'the first line is no header';
    header = line;
    body = createBody(line);
    return (line.proof === 'none') === (line.head === null) ? undefined : 'proof and head contradict each other';
  };
  return {
    take(bytes: Buffer, number: number): void {
      digest.update(bytes);
      if (fault !== undefined) return;
      const reason = judge(bytes, number);
      if (reason !== undefined) fault = { line: number, reason };
    },
    end(last: Buffer, number: number) {
      const reason = faultOfSignature(last, digest.digest(), header?.key.publicKey);
      fault ??= body?.end(number) ?? (reason === undefined ? undefined : { line: number, reason });
      return { header, body, fault, signed: reason === undefined };
    },
  };
};

/** Checks a bundle by nothing but itself and what is expected of it. */
export const checkBundle = async (chunks: AsyncIterable<Buffer>, expected: Expected): Promise<BundleVerdict> => {
  const reading = createReading();
  let last: Buffer = Buffer.alloc(0);
  let lines = 0;
  for await (const bytes of linesOf(chunks)) {
    if (lines > 0) reading.take(last, lines);
    last = bytes;
    lines += 1;
  }
  const { header, body, fault, signed } = reading.end(last, lines);
  const { key } = expected;
  const publicKey = header?.key.publicKey ?? '';
  return {
    fault: fault ?? null,
    header,
    signed,
    keyIsExpected: key === undefined ? null : key === publicKey || key === fingerprintOf(publicKey),
    headsMissed: expected.heads.filter((hash) => body === undefined || !body.covers(hash)),
    addsUp: body?.addsUp() ?? null,
    lines,
    counts: body?.counts() ?? { items: 0, incomplete: 0, events: 0, commits: 0 },
  };
};

/** Whether nothing speaks against the bundle. */
export const isGood = ({ fault, keyIsExpected, headsMissed, addsUp: sums }: BundleVerdict): boolean =>
  fault === null && keyIsExpected !== false && headsMissed.length === 0 && sums !== false;
