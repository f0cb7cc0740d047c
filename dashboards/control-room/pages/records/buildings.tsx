import type { CompoundItem } from '../../../../services/api/schemas.ts';
import { compoundPath, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';

/** Buildings and their stewards (楼宇管家); the same id again replaces the building. */
export function Buildings({ compound }: { compound: CompoundItem }) {
  const { t } = useWords();
  const command = useRegisterCommand();
  const fields: FieldSpec[] = [
    { name: 'id', label: t('records.building.id'), kind: 'text', required: true, hint: t('records.position.idHint') },
    { name: 'name', label: t('records.building.name'), kind: 'text', required: true },
    { name: 'steward.name', label: t('records.building.steward'), kind: 'text' },
    { name: 'steward.telephone', label: t('records.building.telephone'), kind: 'text', lengthMax: 40 },
  ];
  return (
    <>
      <ul className="record-list">
        {compound.buildings.map(({ id, name, steward }) => (
          <li key={id}>
            <span>
              {name} <code className="quiet small">{id}</code>
            </span>
            {steward !== undefined && (
              <span className="quiet">
                {[steward.name, steward.telephone].filter((part) => part !== undefined).join(' · ')}
              </span>
            )}
          </li>
        ))}
      </ul>
      <RecordForm
        name="building"
        fields={fields}
        submitLabel={t('records.building.submit')}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values, done) => {
          const building = bodyOf(fields, values, compound.timeZone);
          const others = compound.buildings.filter(({ id }) => id !== building.id);
          command.mutate(
            { method: 'PATCH', path: compoundPath(compound.id), body: { buildings: [...others, building] } },
            { onSuccess: done },
          );
        }}
      />
    </>
  );
}
