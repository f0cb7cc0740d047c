import type { Evidence } from '../projections/star-rating/evidence.ts';
import { lengthMs } from '../projections/star-rating/intervals.ts';
import { type Contribution, intervalStates } from '../projections/star-rating/measures/contribution.ts';
import { isoTime } from '../runtime/clock.ts';
import { type Cell, csvText } from './csv-text.ts';

const header = [
  '标准 standard',
  '指标 criterion',
  '截至 at',
  '类型 kind',
  '编号 id',
  '名称 name',
  '计入 counted',
  '值 value',
  '分子 numerator',
  '分母 denominator',
  '说明',
  'explanation',
  ...[
    '在线小时 up h',
    '离线小时 down h',
    '网关静默小时 gateway down h',
    '未观测小时 not observed h',
    '正常小时 in band h',
    '超限小时 out of band h',
    '无读数小时 no reading h',
  ],
];

const hourMs = 3_600_000;

const hoursIn = ({ intervals }: Contribution, state: (typeof intervalStates)[number]): Cell => {
  const own = intervals.filter((interval) => interval.state === state);
  return own.length === 0 ? null : Math.round((lengthMs(own) / hourMs) * 1000) / 1000;
};

/** The evidence of one criterion as a table, one row for each thing that was looked at. */
export const evidenceCsv = (
  { standard, criterion, atMs }: Pick<Evidence, 'standard' | 'criterion' | 'atMs'>,
  contributions: readonly Contribution[],
): string =>
  csvText(
    header,
    contributions.map((contribution) => {
      const { subject, counted, value, numerator, denominator, text } = contribution;
      return [
        ...[standard, criterion.id, isoTime(atMs), subject.kind, subject.id, subject.name],
        ...[counted ? '是 yes' : '否 no', value, numerator, denominator, text.zh, text.en],
        ...intervalStates.map((state) => hoursIn(contribution, state)),
      ];
    }),
  );
