import { App } from 'antd';
import type { CompoundItem, DeviceItem } from '../../../../services/api/schemas.ts';
import { changePath, useRegisterCommand } from '../../api/record-queries.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { effectiveField } from './register-form.tsx';

/** A device that was entered in the wrong compound, or is used again in another. */
export function MoveDevice({ device, compound }: { device: DeviceItem; compound: CompoundItem }) {
  const words = useWords();
  const { t } = words;
  const { message } = App.useApp();
  const { compounds } = useCompound();
  const command = useRegisterCommand<{ movedAlong: string[] }>();
  const fields: FieldSpec[] = [
    {
      name: 'compound',
      label: t('records.device.moveTo'),
      kind: 'choice',
      required: true,
      hint: t('records.device.moveHint'),
      options: compounds
        .filter(({ id }) => id !== compound.id)
        .map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
    },
    effectiveField(words),
  ];
  return (
    <RecordForm
      name="move-device"
      fields={fields}
      submitLabel={t('records.device.move')}
      pending={command.isPending}
      error={command.error}
      onSubmit={(values) => {
        const { effectiveFrom, ...body } = bodyOf(fields, values, compound.timeZone);
        const path = changePath(`/api/devices/${encodeURIComponent(device.id)}/move`, effectiveFrom);
        const told = ({ movedAlong }: { movedAlong: string[] }) =>
          void message.success(t('records.device.moved', { name: device.name, n: movedAlong.length }));
        command.mutate({ path, body }, { onSuccess: told });
      }}
    />
  );
}
