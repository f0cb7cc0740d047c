import { Button } from 'antd';
import { useState } from 'react';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
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

function Line({
  item,
  compound,
  onHold,
}: {
  item: RecordItem;
  compound: CompoundItem;
  onHold: (() => void) | undefined;
}) {
  const { t } = useWords();
  const now = useNow(60_000);
  const zone = compound.timeZone;
  const plannedFor = textOf(item.data.plannedFor);
  const { completed } = item;
  const isOverdue = completed === null && Date.parse(plannedFor) < now;
  return (
    <>
      <span className="record-head">
        <strong>{textOf(item.data.subject) || t('records.meeting.noSubject')}</strong>
        {completed === null && onHold !== undefined && (
          <Button size="small" data-testid="hold-meeting" onClick={onHold}>
            {t('records.meeting.hold')}
          </Button>
        )}
      </span>
      <span className="quiet">{t('records.meeting.plannedFor', { at: absoluteTime(plannedFor, zone) })}</span>
      {completed === null ? (
        <span className={isOverdue ? 'is-bad' : 'quiet'}>
          {t(isOverdue ? 'records.meeting.notHeld' : 'records.meeting.toCome')}
        </span>
      ) : (
        <span>{t('records.meeting.heldAt', { at: absoluteTime(completed.at, zone) })}</span>
      )}
      {completed !== null && <span className="record-words">{textOf(completed.data.minutes)}</span>}
    </>
  );
}

export function Meetings({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const [holding, setHolding] = useState<RecordItem | null>(null);
  const command = useRegisterCommand();
  const zone = compound.timeZone;
  const plan: FieldSpec[] = [
    { name: 'plannedFor', label: t('records.meeting.when'), kind: 'instant', required: true },
    { name: 'subject', label: t('records.meeting.subject'), kind: 'text' },
  ];
  const hold: FieldSpec[] = [
    { name: 'at', label: t('records.at'), kind: 'instant', hint: t('records.atHint') },
    { name: 'minutes', label: t('records.meeting.minutes'), kind: 'area' },
  ];
  return (
    <>
      {canAct && (
        <Section title={t('records.meeting.plan')} hint={t('records.meeting.hint')}>
          <RecordForm
            name="meeting"
            fields={plan}
            submitLabel={t('records.meeting.planSubmit')}
            pending={command.isPending}
            error={command.error}
            onSubmit={(values, done) =>
              command.mutate(
                { path: compoundPath(compound.id, 'meetings'), body: bodyOf(plan, values, zone) },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('records.meeting.list')}>
        <RecordList
          compound={compound.id}
          kind="meeting"
          line={(item) => <Line item={item} compound={compound} onHold={canAct ? () => setHolding(item) : undefined} />}
        />
      </Section>
      {holding?.id != null && (
        <CompleteDialog
          title={t('records.meeting.hold')}
          about={`${textOf(holding.data.subject)} · ${absoluteTime(textOf(holding.data.plannedFor), zone)}`}
          path={compoundPath(compound.id, 'meetings', holding.id, 'held')}
          fields={hold}
          zone={zone}
          onClose={() => setHolding(null)}
        />
      )}
    </>
  );
}
