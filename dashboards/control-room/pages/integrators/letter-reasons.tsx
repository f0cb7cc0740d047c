import { Button } from 'antd';
import { useState } from 'react';
import { type LetterReason, type ReplayReport, useLetterReasons } from '../../api/integrator-queries.ts';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { PlainTable } from '../operations/plain-table.tsx';
import { Section } from '../records/section.tsx';
import { ExplainedEvents, Outcome } from './explained.tsx';

const lettersMax = 100;

function Report({ report }: { report: ReplayReport }) {
  const { t } = useWords();
  const count = (outcome: string) => report.items.filter((item) => item.outcome === outcome).length;
  const [example] = report.items;
  const numbers = { recorded: count('recorded'), noOp: count('no-op'), refused: count('refused') };
  return (
    <div role="status" className="record-section" data-testid="replay-report" data-preview={report.preview}>
      <p>{t(report.preview ? 'integrator.wouldBe' : 'integrator.became', numbers)}</p>
      {example !== undefined && (
        <>
          <Outcome explained={example} />
          <ExplainedEvents events={example.events ?? []} />
        </>
      )}
    </div>
  );
}

/** Refused payloads by what is wrong with them: first what they would become now, then for good. */
export function LetterReasons({ compound, zone }: { compound: string | undefined; zone: string }) {
  const { t, word } = useWords();
  const { data = [], error, refetch } = useLetterReasons(compound);
  const replay = useOperation<ReplayReport>(queryKeys.integrators);
  const [report, setReport] = useState<ReplayReport | null>(null);
  const send = ({ code, device }: LetterReason, preview: boolean) =>
    replay.mutate(
      {
        path: '/api/dead-letters/replay',
        body: {
          ...{ code, preview, limit: lettersMax },
          ...(device === null ? {} : { device }),
          ...(compound === undefined ? {} : { compound }),
        },
      },
      { onSuccess: setReport },
    );
  return (
    <Section title={t('integrator.letters')} hint={t('integrator.lettersHint')}>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {replay.error !== null && <ProblemNote error={replay.error} />}
      <PlainTable
        label={t('integrator.letters')}
        testId="letter-reason"
        none={t('integrator.noLetters')}
        columns={[
          t('integrator.why'),
          t('integrator.sender'),
          t('integrator.count'),
          t('integrator.newest'),
          t('records.change'),
        ]}
        lines={data.map((reason) => ({
          key: `${reason.code} ${reason.device} ${reason.field}`,
          cells: [
            <span key="why">
              {word('refusal', reason.code)} {reason.field !== null && <code>{reason.field}</code>}
            </span>,
            reason.device ?? '–',
            String(reason.letters),
            <When key="at" at={reason.newestAt} zone={zone} />,
            <span key="actions" className="record-actions">
              <Button size="small" data-testid="preview-letters" onClick={() => send(reason, true)}>
                {t('integrator.preview')}
              </Button>
              <Button size="small" data-testid="replay-letters" onClick={() => send(reason, false)}>
                {t('integrator.takeUp')}
              </Button>
            </span>,
          ],
        }))}
      />
      {report !== null && <Report report={report} />}
    </Section>
  );
}
