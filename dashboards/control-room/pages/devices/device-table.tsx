import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { DeviceItem } from '../../../../services/api/schemas.ts';
import { HealthMark } from '../../devices/health-mark.tsx';
import { placeWords } from '../../devices/places.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useCompound } from '../../shell/compound-context.tsx';

const rowHeight = 40;
const columns = ['state', 'name', 'place', 'kind', 'faults', 'orders', 'lastHeard', 'battery'] as const;
const numbers: readonly string[] = ['orders', 'battery'];

function Cells({ device, zone, onOpen }: { device: DeviceItem; zone: string; onOpen: () => void }) {
  const { t, word } = useWords();
  const { faults, lastHeardAt, batteryPercent, state } = device.health;
  const place = placeWords(device);
  return (
    <>
      <td>
        <HealthMark state={state} />
      </td>
      <td>
        <button type="button" className="link" onClick={onOpen}>
          {device.name}
        </button>
      </td>
      <td title={place}>{place || <span className="no-data">{t('device.noPosition')}</span>}</td>
      <td>{word('kind', device.kind)}</td>
      <td className="fault-words">{faults.map(({ code }) => word('fault', code)).join(t('list.separator'))}</td>
      <td className="number">{device.openWorkOrders.length > 0 && device.openWorkOrders.length}</td>
      <td>
        {lastHeardAt === null ? (
          <span className="no-data">{t('device.neverHeardShort')}</span>
        ) : (
          <When at={lastHeardAt} zone={zone} ago />
        )}
      </td>
      <td className="number">{batteryPercent !== null && `${Math.round(batteryPercent)} %`}</td>
    </>
  );
}

/** Holds the room of the lines that are out of view. */
const Spacer = ({ height }: { height: number }) =>
  height > 0 && (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row takes no focus
    <tr aria-hidden="true" className="spacer">
      <td colSpan={columns.length} style={{ blockSize: height }} />
    </tr>
  );

export function DeviceTable({
  devices,
  selected,
  onOpen,
}: {
  devices: DeviceItem[];
  selected: string | undefined;
  onOpen: (id: string) => void;
}) {
  const { t } = useWords();
  const { zoneOf } = useCompound();
  const frame = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: devices.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => devices[index]?.id ?? index,
    overscan: 10,
  });
  const shown = virtualizer.getVirtualItems();
  return (
    <div ref={frame} className="device-table-frame">
      <table className="table device-table" aria-label={t('devices.table')} aria-rowcount={devices.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((name) => (
              <th key={name} scope="col" className={numbers.includes(name) ? `col-${name} number` : `col-${name}`}>
                {t(`devices.column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={shown[0]?.start ?? 0} />
          {shown.map(({ index, key }) => {
            const device = devices[index];
            if (device === undefined) return null;
            return (
              <tr
                key={key}
                aria-rowindex={index + 2}
                className={device.id === selected ? 'device-row is-selected' : 'device-row'}
                data-testid="device-row"
                data-device={device.id}
                data-state={device.health.state}
                onClick={() => onOpen(device.id)}
              >
                <Cells device={device} zone={zoneOf(device.compound)} onOpen={() => onOpen(device.id)} />
              </tr>
            );
          })}
          <Spacer height={virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}
