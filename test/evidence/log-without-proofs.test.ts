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

const noSql: Sql = { query: async () => ({ rows: [], rowCount: 0 }) };
const standard = findStandard('weihai-smart-compound@2020.1', '')!;
const evidence = evidenceOf(standard, factsOf({ devices: [deviceFactsOf({ id: 'gate-1' })] }), 'ACC-4')!;

/** A log with two signs of life of the gate; `proves`: as PostgreSQL does, else as KurrentDB does not. */
const bundleOf = async (proves: boolean): Promise<Buffer> => {
  const log = createMemoryEventLog();
  const occurredAt = isoTime(atMs - 3_600_000);
  const events = [1, 2].map((number) => {
    const event = sampleEvent({ number }, 'device.seen');
    return { ...event, meta: { ...event.meta, occurredAt, receivedAt: occurredAt } };
  });
  for (const stream of ['device-gate-1', 'telemetry-gate-1']) {
    const own = events.map((event) => ({
      ...event,
      id: event.id.replace(/^......../, stream.startsWith('d') ? '00000001' : '00000002'),
    }));
    await log.append([{ stream, expectedRevision: 'any', events: own }]);
  }
  const parts = {
    sql: noSql,
    log,
    sealed: proves ? log.sealed : undefined,
    signer: signerOf(newKey()),
    clock: { now: () => atMs },
  };
  const request = {
    ...{ evidence, compound: { id: 'garden', name: '花园小区' }, knownAtMs: undefined, limit: 10, head: undefined },
    standard: { name: standardName(standard), title: standard.title },
  };
  let all = '';
  for await (const line of evidenceBundle(parts, request)) all += line;
  return Buffer.from(all);
};
async function* whole(bytes: Buffer) {
  yield bytes;
}

test('a log that proves nothing says so in the header, and no head can be held against it', async () => {
  const bundle = await bundleOf(false);
  const verdict = await checkBundle(whole(bundle), { heads: [] });
  expect(verdict).toMatchObject({ fault: null, signed: true, header: { proof: 'none', head: null } });
  expect(verdict.header?.note.en).toMatch(/gives no proofs/);
  expect(verdict.counts.events).toBeGreaterThan(0);
  expect(verdict.counts.commits).toBe(0);
  expect(isGood(await checkBundle(whole(bundle), { heads: ['0'.repeat(64)] }))).toBe(false);
});

test('the same events of a log that seals its commits are proven', async () => {
  const [without, proven] = [await bundleOf(false), await bundleOf(true)].map((bundle) =>
    checkBundle(whole(bundle), { heads: [] }),
  );
  const { header, fault, counts } = await proven!;
  expect({ proof: header?.proof, fault, events: counts.events }).toEqual({
    proof: 'merkle',
    fault: null,
    events: (await without!).counts.events,
  });
  expect(counts.commits).toBeGreaterThan(0);
});
