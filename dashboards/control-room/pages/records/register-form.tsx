import { App } from 'antd';
import { changePath, compoundPath, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, changeOf, type FieldSpec } from '../../forms/field-spec.ts';
import { flagValue } from '../../forms/flag-value.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { figureNames, figuresAfter } from './figures.ts';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

type Words = ReturnType<typeof useWords>;

const figureFields = ({ t }: Words): FieldSpec[] => [
  ...figureNames.numbers.map(
    (name): FieldSpec => ({ name: `figures.${name}`, label: t(`figure.${name}`), kind: 'number', min: 0 }),
  ),
  ...figureNames.flags.map(
    (name): FieldSpec => ({ name: `figures.${name}`, label: t(`figure.${name}`), kind: 'flag' }),
  ),
];

/** A change that was told late: the register of past days is put right, and what was known then stays. */
export const effectiveField = ({ t }: Words): FieldSpec => ({
  name: 'effectiveFrom',
  label: t('records.effectiveFrom'),
  kind: 'instant',
  hint: t('records.effectiveHint'),
});

function useSaved() {
  const { t } = useWords();
  const { message } = App.useApp();
  return () => void message.success({ key: 'saved', content: t('records.saved') });
}

/** Figures of the parking, e-bike and duty registers. */
export function FiguresForm({ compound, canAct }: SectionProps) {
  const words = useWords();
  const { t } = words;
  const saved = useSaved();
  const command = useRegisterCommand();
  const fields = [...figureFields(words), effectiveField(words)];
  const { figures } = compound;
  const initial = {
    ...figures,
    ...Object.fromEntries(figureNames.flags.map((name) => [name, flagValue(figures[name])])),
  };
  if (!canAct) return <p className="no-data nothing-open">{t('records.viewerOnly')}</p>;
  return (
    <Section title={t('records.figures.title')} hint={t('records.figures.hint')}>
      <RecordForm
        key={JSON.stringify(figures)}
        name="figures"
        fields={fields}
        initial={{ figures: initial }}
        submitLabel={t('records.save')}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values) => {
          const { figures: entered = {}, effectiveFrom } = bodyOf(fields, values, compound.timeZone);
          const body = { figures: figuresAfter(figures, entered as typeof figures) };
          const path = changePath(compoundPath(compound.id), effectiveFrom);
          command.mutate({ method: 'PATCH', path, body }, { onSuccess: saved });
        }}
      />
    </Section>
  );
}

/** What the compound is: name, profile, district, code, coordinates. */
export function MasterDataForm({ compound, canAct }: SectionProps) {
  const words = useWords();
  const { t } = words;
  const saved = useSaved();
  const command = useRegisterCommand();
  const fields: FieldSpec[] = [
    { name: 'name', label: t('records.master.name'), kind: 'text', required: true },
    {
      name: 'profile',
      label: t('records.master.profile'),
      kind: 'choice',
      required: true,
      options: (['new', 'retrofit'] as const).map((value) => ({ value, label: t(`profile.${value}`) })),
    },
    { name: 'households', label: t('records.master.households'), kind: 'number', required: true, min: 0 },
    { name: 'district', label: t('records.master.district'), kind: 'text', lengthMax: 100 },
    { name: 'code', label: t('records.master.code'), kind: 'text', lengthMax: 64 },
    { name: 'coordinates.latitude', label: t('records.master.latitude'), kind: 'number', min: -90, max: 90 },
    { name: 'coordinates.longitude', label: t('records.master.longitude'), kind: 'number', min: -180, max: 180 },
    effectiveField(words),
  ];
  if (!canAct) return <p className="no-data nothing-open">{t('records.viewerOnly')}</p>;
  return (
    <Section title={t('records.master.title')} hint={t('records.master.hint')}>
      <RecordForm
        key={compound.id}
        name="master"
        fields={fields}
        initial={compound}
        submitLabel={t('records.save')}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values) => {
          const { effectiveFrom, ...body } = changeOf(fields, values, compound, compound.timeZone);
          const path = changePath(compoundPath(compound.id), effectiveFrom);
          command.mutate({ method: 'PATCH', path, body }, { onSuccess: saved });
        }}
      />
    </Section>
  );
}
