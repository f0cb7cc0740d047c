import type { CompoundItem } from '../../../../services/api/schemas.ts';
import { useDevices } from '../../api/queries.ts';
import { compoundPath, type RecordItem, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { roughDuration } from '../../locales/duration.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { RecordList, textOf } from './record-list.tsx';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

function Line({ item, compound }: { item: RecordItem; compound: CompoundItem }) {
  const { t, word } = useWords();
  const from = textOf(item.data.from);
  const to = textOf(item.data.to);
  const duration = roughDuration(Date.parse(to) - Date.parse(from));
  const zone = compound.timeZone;
  return (
    <>
      <span className="record-head">
        {absoluteTime(from, zone)} – {absoluteTime(to, zone)}
        <span className="quiet">{t(duration.key, duration.values)}</span>
      </span>
      <span className="quiet">
        {[word('gap', textOf(item.data.cause), ''), textOf(item.data.gateway), textOf(item.data.reason)]
          .filter((part) => part !== '')
          .join(' · ')}
      </span>
    </>
  );
}

/** Times that nobody could observe, with their reason: they shorten a rate's window instead of counting as down. */
export function Gaps({ compound, isAdmin }: SectionProps) {
  const { t } = useWords();
  const command = useRegisterCommand();
  const devices = useDevices(compound.id);
  const gateways = (devices.data?.items ?? []).filter(({ kind }) => kind === 'gateway');
  const fields: FieldSpec[] = [
    { name: 'from', label: t('records.gap.from'), kind: 'instant', required: true },
    { name: 'to', label: t('records.gap.to'), kind: 'instant', required: true },
    {
      name: 'gateway',
      label: t('records.gap.gateway'),
      kind: 'choice',
      hint: t('records.gap.gatewayHint'),
      options: gateways.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
    },
    { name: 'reason', label: t('records.gap.reason'), kind: 'area', required: true },
  ];
  return (
    <>
      {!isAdmin && <p className="quiet">{t('records.gap.adminOnly')}</p>}
      {isAdmin && (
        <Section title={t('records.gap.explain')} hint={t('records.gap.hint')}>
          <RecordForm
            name="gap"
            fields={fields}
            submitLabel={t('records.gap.submit')}
            pending={command.isPending}
            error={command.error}
            onSubmit={(values, done) =>
              command.mutate(
                { path: compoundPath(compound.id, 'gaps'), body: bodyOf(fields, values, compound.timeZone) },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('records.gap.list')}>
        <RecordList compound={compound.id} kind="gap" line={(item) => <Line item={item} compound={compound} />} />
      </Section>
    </>
  );
}
