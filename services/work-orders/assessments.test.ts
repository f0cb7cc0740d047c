import { describe, expect, test } from '@jest/globals';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { figureMeasures, loadFormulas, type MeasuredFigures } from './assessment.ts';
import { assessedAtMs, assessFrom, type CountCompany, monthToAssess } from './assessments.ts';

const formulas = loadFormulas();
const [formula] = formulas;

describe('the month to assess', () => {
  test.each([
    ['2026-04-05T15:59:59.999Z', '2026-02'],
    ['2026-04-05T16:00:00.000Z', '2026-03'],
    ['2026-04-30T00:00:00.000Z', '2026-03'],
  ])('%s: %s', (now, month) => expect(monthToAssess(formulas, Date.parse(now))).toBe(month));

  test('is over, with the days in which its last repairs still count', () => {
    expect(new Date(assessedAtMs(formula!, '2026-02')).toISOString()).toBe('2026-03-05T16:00:00.000Z');
  });
});

describe('assessing', () => {
  /** Every line at this share of its points. */
  const at = (share: number): MeasuredFigures =>
    Object.fromEntries(
      figureMeasures.map((measure) => {
        const { zero, full } = formula!.lines.find((line) => line.measure === measure)!;
        return [measure, { value: zero + share * (full - zero), numerator: 1, denominator: 100 }];
      }),
    ) as MeasuredFigures;
  const setUp = () => {
    const log = createMemoryEventLog();
    const shares: Record<string, number> = { '2026-01': 0.65, '2026-02': 0.65, '2026-03': 0.8 };
    const count: CountCompany = async (_, month) => {
      const share = shares[month];
      if (share === undefined) return undefined;
      return { companyName: '安居', compounds: ['garden'], households: 500, figures: at(share) };
    };
    const parts = { log, formulas, count, nowMs: Date.parse('2026-05-01T00:00:00Z'), actor: 'user:mei' };
    return { shares, log, run: (month: string) => assessFrom(parts, 'anju', month) };
  };

  test('again without news says nothing', async () => {
    const { run, log } = setUp();
    expect(await run('2026-01')).toEqual([expect.objectContaining({ total: 65, listed: false })]);
    expect(await run('2026-01')).toEqual([]);
    expect(await log.readStream('assessment-anju')).toHaveLength(1);
  });

  test('by two at once makes one', async () => {
    const { run, log } = setUp();
    const both = await Promise.all([run('2026-01'), run('2026-01')]);
    expect(both.flat()).toHaveLength(1);
    expect(await log.readStream('assessment-anju')).toHaveLength(1);
  });

  test('a past month anew carries through to the list of the months after it', async () => {
    const { run, shares } = setUp();
    for (const month of ['2026-01', '2026-02', '2026-03']) await run(month);
    // Two months below 70, then a good one: still on the list.
    expect(await run('2026-03')).toEqual([]);
    shares['2026-01'] = 0.9;
    const changed = await run('2026-01');
    expect(changed.map(({ month, total, listed }) => [month, total, listed])).toEqual([
      ['2026-01', 90, false],
      ['2026-02', 65, false],
      ['2026-03', 80, false],
    ]);
  });

  test('what isn’t over, or had no compound, is refused', async () => {
    const { run } = setUp();
    await expect(run('2026-04')).rejects.toMatchObject({ code: 'assessment.too-early' });
    await expect(run('2025-06')).rejects.toMatchObject({ code: 'assessment.no-compounds' });
    await expect(run('2019-06')).rejects.toMatchObject({ code: 'assessment.no-formula' });
  });
});
