import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { evidenceBundle } from '../../services/api/evidence-bundle.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { checkBundle, isGood } from '../../services/evidence/check-bundle.ts';
import { evidenceOf } from '../../services/projections/star-rating/evidence.ts';
import { atMs, deviceFactsOf, factsOf } from '../../services/projections/star-rating/facts-for-tests.ts';
import { findStandard, standardName } from '../../services/projections/star-rating/standards.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { newKey, signerOf } from '../../services/runtime/signing-key.ts';
import type { Sql } from '../../services/runtime/sql.ts';
import { sampleEvent } from '../contract/event-log.suite.ts';
import type { SealedLogUnderTest } from '../contract/proofs.suite.ts';
import { sealedLogOn } from '../kurrentdb/sealed-log-for-tests.ts';

const noSql: Sql = { query: async () => ({ rows: [], rowCount: 0 }) };
const standard = findStandard('weihai-smart-compound@2020.1', '')!;
const evidence = evidenceOf(standard, factsOf({ devices: [deviceFactsOf({ id: 'gate-1' })] }), 'ACC-4')!;
const signer = signerOf(newKey());

const memoryLog = async (): Promise<SealedLogUnderTest> => {
  const log = createMemoryEventLog();
  return { log, sealed: log.sealed, verify: log.verify, destroy: log.close };
};

/** Two signs of life of the gate, and more that comes to the log after them. */
const sayThat = async ({ log, seal }: SealedLogUnderTest) => {
  const occurredAt = isoTime(atMs - 3_600_000);
  for (const stream of ['device-gate-1', 'telemetry-gate-1']) {
    const events = [1, 2].map((number) => {
      const event = sampleEvent({ number, stream }, 'device.seen');
      return { ...event, meta: { ...event.meta, occurredAt, receivedAt: occurredAt } };
    });
    await log.append([{ stream, expectedRevision: 'any', events }]);
  }
  await seal?.();
  const head = await log.head();
  await log.append([{ stream: 'device-gate-2', expectedRevision: 'any', events: [sampleEvent()] }]);
  return head;
};

const bundleOf = async ({ log, sealed }: SealedLogUnderTest, held: number[] = []): Promise<Buffer> => {
  const parts = { sql: noSql, log, sealed, signer, clock: { now: () => atMs } };
  const request = {
    ...{ evidence, compound: { id: 'garden', name: '花园小区' }, knownAtMs: undefined, limit: 10, held },
    standard: { name: standardName(standard), title: standard.title },
  };
  let all = '';
  for await (const line of evidenceBundle(parts, request)) all += line;
  return Buffer.from(all);
};
async function* whole(bytes: Buffer) {
  yield bytes;
}

describe.each<[string, () => Promise<SealedLogUnderTest>]>([
  ['in memory', memoryLog],
  ['in EventStoreDB', () => sealedLogOn('esdb')],
])('a bundle of a log %s', (_, open) => {
  let opened: SealedLogUnderTest;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.destroy());

  test('shows its events and reaches back to a head that somebody kept', async () => {
    const kept = await sayThat(opened);
    const bundle = await bundleOf(opened, await opened.sealed.headsAt(kept.position!));
    const verdict = await checkBundle(whole(bundle), { heads: [kept.hash], key: signer.key.fingerprint });
    expect(verdict).toMatchObject({ fault: null, signed: true, headsMissed: [], header: { proof: 'merkle' } });
    expect(verdict.counts).toMatchObject({ incomplete: 0, events: expect.any(Number), commits: expect.any(Number) });
    expect(verdict.counts.events).toBeGreaterThan(1);
    expect(isGood(verdict)).toBe(true);
    expect(isGood(await checkBundle(whole(bundle), { heads: ['0'.repeat(64)] }))).toBe(false);
  });

  test('holds for the command that knows no hub, until a word of it is another', async () => {
    const kept = await sayThat(opened);
    const folder = await mkdtemp(join(tmpdir(), 'xingyuan-bundle-'));
    const file = join(folder, 'bundle.jsonl');
    const verify = () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', 'services/evidence/verify.ts', file]).then(
        ({ stdout }) => ({ code: 0, said: stdout }),
        ({ code, stdout }) => ({ code, said: stdout }),
      );
    const bundle = await bundleOf(opened, await opened.sealed.headsAt(kept.position!));
    await writeFile(file, bundle);
    expect(await verify()).toMatchObject({ code: 0, said: expect.stringContaining('stand word for word in the log') });
    await writeFile(file, bundle.toString().replace('device.seen', 'device.sees'));
    expect(await verify()).toMatchObject({ code: 1, said: expect.stringContaining("don't lead to the root") });
    await rm(folder, { recursive: true });
  });
});

test('a bundle of an empty log says that there is nothing to prove', async () => {
  const opened = await memoryLog();
  const verdict = await checkBundle(whole(await bundleOf(opened)), { heads: [] });
  expect(verdict).toMatchObject({
    fault: null,
    signed: true,
    header: { proof: 'none', head: null },
    counts: { events: 0 },
  });
});
