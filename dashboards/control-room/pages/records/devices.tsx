import { App, Select } from 'antd';
import { useState } from 'react';
import { quantities } from '../../../../devices/quantities.ts';
import type { CompoundItem, DeviceItem } from '../../../../services/api/schemas.ts';
import { type DeviceModelItem, useDeviceModels, useDevices } from '../../api/queries.ts';
import { changePath, useRegisterCommand } from '../../api/record-queries.ts';
import { quantityName } from '../../devices/event-words.ts';
import { bodyOf, changeOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Authorities, DeviceCertificates } from './certificates.tsx';
import { MoveDevice } from './move-device.tsx';
import { effectiveField } from './register-form.tsx';
import { deviceFeatures, deviceKinds } from './register-lists.ts';
import { RetireDevice } from './retire-device.tsx';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

type Words = ReturnType<typeof useWords>;

/** What the standard asks of a device: where it stands, what it can do, which readings are in order. */
const placeFields = (
  { t, say, word, language }: Words,
  compound: CompoundItem,
  models: readonly DeviceModelItem[],
): FieldSpec[] => {
  const places = compound.positions.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
  return [
    { name: 'name', label: t('records.device.name'), kind: 'text', required: true },
    { name: 'position', label: t('records.device.position'), kind: 'choice', options: places },
    { name: 'covers', label: t('records.device.covers'), kind: 'choices', options: places },
    {
      name: 'features',
      label: t('device.features'),
      kind: 'choices',
      options: deviceFeatures.map((value) => ({ value, label: word('feature', value) })),
    },
    {
      name: 'model',
      label: t('records.device.model'),
      kind: 'choice',
      hint: t('records.device.modelHint'),
      options: models.map(({ id, title }) => ({ value: id, label: `${say(title)} (${id})` })),
    },
    { name: 'externalId', label: t('device.externalId'), kind: 'text' },
    { name: 'ports', label: t('records.device.ports'), kind: 'number', min: 1, max: 1000 },
    {
      name: 'band.quantity',
      label: t('records.device.bandQuantity'),
      kind: 'choice',
      hint: t('records.device.bandHint'),
      options: Object.keys(quantities).map((value) => ({ value, label: quantityName(value, language) })),
    },
    { name: 'band.min', label: t('records.device.bandMin'), kind: 'number' },
    { name: 'band.max', label: t('records.device.bandMax'), kind: 'number' },
  ];
};

function EditDevice({ device, compound }: { device: DeviceItem; compound: CompoundItem }) {
  const words = useWords();
  const { t } = words;
  const { message } = App.useApp();
  const command = useRegisterCommand();
  const { data: models = [] } = useDeviceModels();
  const own = models.filter(({ kind }) => kind === device.kind);
  const fields = [...placeFields(words, compound, own), effectiveField(words)];
  const address = `/api/devices/${encodeURIComponent(device.id)}`;
  return (
    <>
      <RecordForm
        key={device.id}
        name="device"
        fields={fields}
        initial={device}
        submitLabel={t('records.save')}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values) => {
          const { effectiveFrom, ...body } = changeOf(fields, values, device, compound.timeZone);
          command.mutate(
            { method: 'PATCH', path: changePath(address, effectiveFrom), body },
            { onSuccess: () => void message.success({ key: 'saved', content: t('records.saved') }) },
          );
        }}
      />
      {device.gateway === undefined && <DeviceCertificates device={device.id} zone={compound.timeZone} />}
      <MoveDevice device={device} compound={compound} />
      <RetireDevice device={device} />
    </>
  );
}

interface Credential {
  credential?: { username: string; password: string };
}

function RegisterDevice({ compound, gateways }: { compound: CompoundItem; gateways: DeviceItem[] }) {
  const words = useWords();
  const { t } = words;
  const command = useRegisterCommand<Credential>();
  const { data: models = [] } = useDeviceModels();
  const fields: FieldSpec[] = [
    { name: 'id', label: t('device.id'), kind: 'text', required: true, hint: t('records.position.idHint') },
    {
      name: 'kind',
      label: t('records.device.kind'),
      kind: 'choice',
      required: true,
      options: deviceKinds.map((value) => ({ value, label: t(`kind.${value}`) })),
    },
    { name: 'dialect', label: t('device.dialect'), kind: 'text', hint: t('records.device.dialectHint') },
    {
      name: 'gateway',
      label: t('device.gateway'),
      kind: 'choice',
      options: gateways.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
    },
    ...placeFields(words, compound, models),
  ];
  const credential = command.data?.credential;
  return (
    <>
      <RecordForm
        name="new-device"
        fields={fields}
        submitLabel={t('records.device.register')}
        pending={command.isPending}
        error={command.error}
        onSubmit={(values, done) =>
          command.mutate(
            { path: '/api/devices', body: { compound: compound.id, ...bodyOf(fields, values, compound.timeZone) } },
            { onSuccess: done },
          )
        }
      />
      {credential !== undefined && (
        <p className="no-data" role="status">
          {t('records.device.credential', credential)}
        </p>
      )}
    </>
  );
}

/** The register of devices, as far as people fill it. */
export function RegisteredDevices({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const { data, error, refetch } = useDevices(compound.id);
  const devices = data?.items ?? [];
  const device = devices.find(({ id }) => id === chosen);
  if (!canAct) return <p className="no-data nothing-open">{t('records.viewerOnly')}</p>;
  return (
    <>
      <Section title={t('records.device.edit')} hint={t('records.device.editHint')}>
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        <Select
          aria-label={t('records.device.choose')}
          placeholder={t('records.device.choose')}
          data-testid="choose-device"
          className="choose-device"
          showSearch={{ optionFilterProp: 'label' }}
          value={chosen}
          onChange={setChosen}
          options={devices.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
        />
        {device !== undefined && <EditDevice key={device.id} device={device} compound={compound} />}
      </Section>
      <Section title={t('records.certificate.authorities')} hint={t('records.certificate.authoritiesHint')}>
        <Authorities compound={compound} />
      </Section>
      <Section title={t('records.device.new')}>
        <RegisterDevice compound={compound} gateways={devices.filter(({ kind }) => kind === 'gateway')} />
      </Section>
    </>
  );
}
