import { Spin } from 'antd';
import { useState } from 'react';
import type { Page } from '../../api/answers.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { companyPath, useAssessments, useMonthFigures } from '../../api/round-queries.ts';
import { AskedButton } from '../../forms/asked-button.tsx';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { dayOf } from '../../locales/instant.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import { monthOf, monthsBefore } from './months.ts';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';

const monthsShown = 6;
const counts = ['raised', 'open', 'closed'] as const;
const percents = [
  'acknowledgeInTimePercent',
  'onSiteInTimePercent',
  'resolveInTimePercent',
  'firstTimeFixPercent',
  'repeatFaultPercent',
  'satisfiedPercent',
  'roundsDonePercent',
] as const;

/** Nothing to be counted is no zero. */
const shown = (value: number | null, unit: string): string => (value === null ? '–' : `${value.toFixed(1)}${unit}`);

function Assessments({ canAct }: Pick<OperationProps, 'canAct'>) {
  const { t, say } = useWords();
  const [changed, setChanged] = useState<string[] | null>(null);
  const { data, error } = useAssessments();
  return (
    <Section title={t('figures.assessments')}>
      {error !== null && <ProblemNote error={error} />}
      {changed !== null && (
        <p role="status" data-testid="assessed-again">
          {changed.length === 0
            ? t('figures.unchanged')
            : t('figures.changed', { months: changed.join(t('list.separator')) })}
        </p>
      )}
      <PlainTable
        label={t('figures.assessments')}
        testId="assessment-row"
        none={t('figures.noAssessments')}
        columns={[
          t('figures.company'),
          t('figures.month'),
          t('figures.total'),
          t('figures.lines'),
          t('figures.listed'),
          ...(canAct ? [t('records.change')] : []),
        ]}
        lines={(data ?? []).map(({ company, companyName, month, total, grade, lines, listed, listedText }) => ({
          key: `${company} ${month}`,
          cells: [
            companyName,
            month,
            [shown(total, ''), grade].filter((part) => part !== null).join(' · '),
            <details key="lines">
              <summary>{t('figures.linesCount', { n: lines.length })}</summary>
              <ul>
                {lines.map(({ id, title, text }) => (
                  <li key={id}>
                    {say(title)}
                    {t('list.colon')}
                    {say(text)}
                  </li>
                ))}
              </ul>
            </details>,
            <span key="listed" className={listed ? 'is-bad' : 'quiet'}>
              {say(listedText)}
            </span>,
            ...(canAct
              ? [
                  <AskedButton<Page<{ month: string }>>
                    key="again"
                    name="assess-again"
                    label={t('figures.again')}
                    about={t('figures.againAbout', { company: companyName, month })}
                    request={{ path: companyPath(company, 'assessments', month) }}
                    list={queryKeys.assessments}
                    onDone={({ items }) => setChanged(items.map((made) => made.month))}
                  />,
                ]
              : []),
          ],
        }))}
      />
    </Section>
  );
}

/** The last months in figures, and what the property companies' assessment makes of them. */
export function OrderFigures({ compound, canAct }: OperationProps) {
  const { t } = useWords();
  const now = useNow(60_000);
  const month = monthOf(dayOf(new Date(now).toISOString(), compound.timeZone));
  const { data, error, isPending, refetch } = useMonthFigures(compound.id, monthsBefore(month, monthsShown - 1), month);
  return (
    <div className="record-section">
      <Section title={t('operations.section.figures')}>
        {isPending && <Spin delay={300} />}
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        <PlainTable
          label={t('operations.section.figures')}
          testId="month-row"
          none={t('figures.none')}
          columns={[
            t('figures.month'),
            ...counts.map((name) => t(`figures.${name}`)),
            ...percents.map((name) => t(`figures.${name}`)),
            t('figures.complaintsPerThousand'),
          ]}
          lines={[...(data ?? [])].reverse().map(({ month: of, figures }) => ({
            key: of,
            cells: [
              of,
              ...counts.map((name) => String(figures[name])),
              ...percents.map((name) => shown(figures[name], ' %')),
              shown(figures.complaintsPerThousand, ''),
            ],
          }))}
        />
      </Section>
      <Assessments canAct={canAct} />
    </div>
  );
}
