import { Button, Popconfirm } from 'antd';
import type { DeviceItem } from '../../../../services/api/schemas.ts';
import { useRegisterCommand } from '../../api/record-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';

/** A device that was taken down, else it counts as down for ever; asked once, because there is no way back. */
export function RetireDevice({ device }: { device: DeviceItem }) {
  const { t } = useWords();
  const command = useRegisterCommand();
  const path = `/api/devices/${encodeURIComponent(device.id)}`;
  return (
    <p className="record-actions">
      <Popconfirm
        title={t('records.device.retireAsk', { name: device.name })}
        okText={t('records.device.retire')}
        cancelText={t('action.back')}
        onConfirm={() => command.mutate({ method: 'DELETE', path, body: {} })}
      >
        <Button danger loading={command.isPending}>
          {t('records.device.retire')}
        </Button>
      </Popconfirm>
      {command.error !== null && <ProblemNote error={command.error} />}
    </p>
  );
}
