import type { DeviceItem } from '../../../../services/api/schemas.ts';
import { type TryWish, useTry } from '../../api/integrator-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { Section } from '../records/section.tsx';
import { ExplainedEvents, Outcome } from './explained.tsx';

/** A message pasted in is taken apart as the hub would, and nothing is recorded. */
export function TryMessage({ devices }: { devices: readonly DeviceItem[] }) {
  const { t } = useWords();
  const tried = useTry();
  const fields: FieldSpec[] = [
    { name: 'topic', kind: 'text', required: true, lengthMax: 1000, label: t('integrator.topic') },
    {
      ...{ name: 'device', kind: 'choice', label: t('integrator.sender'), hint: t('integrator.senderHint') },
      options: devices.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
    },
    { name: 'payload', kind: 'area', required: true, lengthMax: 100_000, label: t('integrator.payload') },
  ];
  return (
    <Section title={t('integrator.try')} hint={t('integrator.tryHint')}>
      <RecordForm
        name="try"
        fields={fields}
        submitLabel={t('integrator.try')}
        pending={tried.isPending}
        error={tried.error}
        onSubmit={(values) => tried.mutate(bodyOf(fields, values, '') as unknown as TryWish)}
      />
      {tried.data !== undefined && (
        <div role="status" className="record-section" data-testid="tried">
          <p>
            <Outcome explained={tried.data} />{' '}
            {tried.data.dialect !== null && <span className="quiet">{tried.data.dialect}</span>}
          </p>
          <ExplainedEvents events={tried.data.events} />
        </div>
      )}
    </Section>
  );
}
