import { Button } from 'antd';
import { useState } from 'react';
import { compoundPath, type RecordItem, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { CompleteDialog } from './complete-dialog.tsx';
import { RecordList, textOf } from './record-list.tsx';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

function Line({ item, zone, onAnswer }: { item: RecordItem; zone: string; onAnswer: (() => void) | undefined }) {
  const { t } = useWords();
  const now = useNow(60_000);
  const dueAt = textOf(item.data.dueAt);
  const { completed } = item;
  const isLate = Date.parse(dueAt) < (completed === null ? now : Date.parse(completed.at));
  return (
    <>
      <span className="record-head">
        <strong>{textOf(item.data.department)}</strong> {textOf(item.data.subject)}
        {completed === null && onAnswer !== undefined && (
          <Button size="small" data-testid="answer-whistle" onClick={onAnswer}>
            {t('records.whistle.answer')}
          </Button>
        )}
      </span>
      <span className="quiet">{t('records.whistle.blownAt', { at: absoluteTime(item.at, zone) })}</span>
      <span className={isLate ? 'is-bad' : 'quiet'}>
        {t('records.whistle.due', { at: absoluteTime(dueAt, zone) })}
        {isLate && ` · ${t('records.whistle.late')}`}
      </span>
      {completed !== null && <span>{t('records.whistle.answeredAt', { at: absoluteTime(completed.at, zone) })}</span>}
      {completed !== null && <span className="record-words">{textOf(completed.data.answer)}</span>}
    </>
  );
}

export function Whistles({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const [answering, setAnswering] = useState<RecordItem | null>(null);
  const command = useRegisterCommand();
  const zone = compound.timeZone;
  const at: FieldSpec = { name: 'at', label: t('records.at'), kind: 'instant', hint: t('records.atHint') };
  const blow: FieldSpec[] = [
    { name: 'department', label: t('records.whistle.department'), kind: 'text', required: true },
    { name: 'dueAt', label: t('records.whistle.dueAt'), kind: 'instant', required: true },
    at,
    { name: 'subject', label: t('records.whistle.subject'), kind: 'area', required: true },
  ];
  const answer: FieldSpec[] = [at, { name: 'answer', label: t('records.whistle.words'), kind: 'area' }];
  return (
    <>
      {canAct && (
        <Section title={t('records.whistle.blow')} hint={t('records.whistle.hint')}>
          <RecordForm
            name="whistle"
            fields={blow}
            submitLabel={t('records.whistle.blowSubmit')}
            pending={command.isPending}
            error={command.error}
            onSubmit={(values, done) =>
              command.mutate(
                { path: compoundPath(compound.id, 'whistles'), body: bodyOf(blow, values, zone) },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('records.whistle.list')}>
        <RecordList
          compound={compound.id}
          kind="whistle"
          line={(item) => <Line item={item} zone={zone} onAnswer={canAct ? () => setAnswering(item) : undefined} />}
        />
      </Section>
      {answering?.id != null && (
        <CompleteDialog
          title={t('records.whistle.answer')}
          about={`${textOf(answering.data.department)} · ${textOf(answering.data.subject)}`}
          path={compoundPath(compound.id, 'whistles', answering.id, 'answered')}
          fields={answer}
          zone={zone}
          onClose={() => setAnswering(null)}
        />
      )}
    </>
  );
}
