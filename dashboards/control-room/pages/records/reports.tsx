import { compoundPath, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { RecordList } from './record-list.tsx';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

/** Days on which the city platform took the compound's report; usually its connector says so by itself. */
export function Reports({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const command = useRegisterCommand();
  const zone = compound.timeZone;
  const fields: FieldSpec[] = [{ name: 'at', label: t('records.at'), kind: 'instant', hint: t('records.atHint') }];
  return (
    <>
      {canAct && (
        <Section title={t('records.report.record')} hint={t('records.report.hint')}>
          <RecordForm
            name="report"
            fields={fields}
            submitLabel={t('records.report.submit')}
            pending={command.isPending}
            error={command.error}
            onSubmit={(values, done) =>
              command.mutate(
                { path: compoundPath(compound.id, 'platform-reports'), body: bodyOf(fields, values, zone) },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('records.report.list')}>
        <RecordList
          compound={compound.id}
          kind="platform-report"
          line={(item) => <time dateTime={item.at}>{absoluteTime(item.at, zone)}</time>}
        />
      </Section>
    </>
  );
}
