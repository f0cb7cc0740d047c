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

const items = ['contract', 'fee-items'] as const;

function Line({ item, zone, onWithdraw }: { item: RecordItem; zone: string; onWithdraw: (() => void) | undefined }) {
  const { t, word } = useWords();
  const now = useNow(60_000);
  const { completed, data } = item;
  const until = textOf(data.until);
  const isOver = until !== '' && Date.parse(until) < now;
  return (
    <>
      <span className="record-head">
        <strong>{word('disclosed', textOf(data.item))}</strong> {textOf(data.where)}
        {completed === null && onWithdraw !== undefined && (
          <Button size="small" data-testid="withdraw-disclosure" onClick={onWithdraw}>
            {t('records.disclosure.withdraw')}
          </Button>
        )}
      </span>
      <span className="quiet">{t('records.disclosure.publishedAt', { at: absoluteTime(item.at, zone) })}</span>
      {until !== '' && (
        <span className={isOver ? 'is-bad' : 'quiet'}>
          {t(isOver ? 'records.disclosure.ranOut' : 'records.disclosure.runsUntil', {
            at: absoluteTime(until, zone),
          })}
        </span>
      )}
      {completed !== null && (
        <span className="is-bad">
          {t('records.disclosure.withdrawnAt', { at: absoluteTime(completed.at, zone) })}{' '}
          {textOf(completed.data.reason)}
        </span>
      )}
    </>
  );
}

/** What residents can read: the property contract and the fee items. */
export function Disclosures({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const [withdrawing, setWithdrawing] = useState<RecordItem | null>(null);
  const command = useRegisterCommand();
  const zone = compound.timeZone;
  const at: FieldSpec = { name: 'at', label: t('records.at'), kind: 'instant', hint: t('records.atHint') };
  const publish: FieldSpec[] = [
    {
      name: 'item',
      label: t('records.disclosure.item'),
      kind: 'choice',
      required: true,
      options: items.map((value) => ({ value, label: t(`disclosed.${value}`) })),
    },
    { name: 'where', label: t('records.disclosure.where'), kind: 'text', required: true },
    { name: 'until', label: t('records.disclosure.until'), kind: 'instant', hint: t('records.disclosure.untilHint') },
    at,
  ];
  const withdraw: FieldSpec[] = [
    { name: 'reason', label: t('records.disclosure.reason'), kind: 'area', required: true },
    at,
  ];
  return (
    <>
      {canAct && (
        <Section title={t('records.disclosure.publish')} hint={t('records.disclosure.hint')}>
          <RecordForm
            name="disclosure"
            fields={publish}
            submitLabel={t('records.disclosure.publishSubmit')}
            pending={command.isPending}
            error={command.error}
            onSubmit={(values, done) =>
              command.mutate(
                { path: compoundPath(compound.id, 'disclosures'), body: bodyOf(publish, values, zone) },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('records.disclosure.list')}>
        <RecordList
          compound={compound.id}
          kind="disclosure"
          line={(item) => <Line item={item} zone={zone} onWithdraw={canAct ? () => setWithdrawing(item) : undefined} />}
        />
      </Section>
      {withdrawing?.id != null && (
        <CompleteDialog
          title={t('records.disclosure.withdraw')}
          about={textOf(withdrawing.data.where)}
          path={compoundPath(compound.id, 'disclosures', withdrawing.id, 'withdrawn')}
          fields={withdraw}
          zone={zone}
          onClose={() => setWithdrawing(null)}
        />
      )}
    </>
  );
}
