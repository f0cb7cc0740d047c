import { Segmented, Spin } from 'antd';
import { useState } from 'react';
import type { LadderFigures, Share } from '../../../../services/projections/matters/shapes.ts';
import { useLadderFigures } from '../../api/matter-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import { PlainTable } from './plain-table.tsx';

type By = 'street' | 'compound' | 'department';
const rates = ['response', 'resolution', 'satisfaction', 'whistleRate'] as const satisfies (keyof LadderFigures)[];

/** A share of nothing is no zero. */
const shareText = ({ met, of, percent }: Share): string =>
  percent === null ? '–' : `${percent.toFixed(1)} % (${met} / ${of})`;

/** Response, resolution, satisfaction and whistle rate of the last 30 days. */
export function LadderFiguresTable() {
  const { t, say } = useWords();
  const [by, setBy] = useState<By>('street');
  const { data, error, isPending, refetch } = useLadderFigures(by);
  return (
    <Section title={t('operations.section.ladder')} hint={t('ladder.hint')}>
      <div className="record-actions">
        <Segmented<By>
          aria-label={t('ladder.byLabel')}
          data-testid="ladder-by"
          value={by}
          onChange={setBy}
          options={(['street', 'compound', 'department'] as const).map((value) => ({
            value,
            label: t(`ladder.by.${value}`),
          }))}
        />
      </div>
      {isPending && <Spin delay={300} />}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <PlainTable
        label={t('operations.section.ladder')}
        testId="ladder-row"
        none={t('ladder.none')}
        columns={[
          t(`ladder.by.${by}`),
          t('ladder.matters'),
          t('ladder.whistles'),
          ...rates.map((rate) => t(`ladder.${rate}`)),
          t('ladder.signalTitle'),
        ]}
        lines={(data ?? []).map((line) => ({
          key: line.key ?? '–',
          cells: [
            say(line.name),
            String(line.matters),
            String(line.whistles),
            ...rates.map((rate) => shareText(line[rate])),
            line.signal === null ? (
              ''
            ) : (
              <span key="signal" className="is-bad">
                {t(`ladder.signal.${line.signal}`)}
              </span>
            ),
          ],
        }))}
      />
    </Section>
  );
}
