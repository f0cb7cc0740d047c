import type { DeviceDetail } from '../../../services/api/schemas.ts';
import type { WorkOrderDetail, WorkOrderItem } from '../../../services/projections/work-order-board/board.ts';
import { useDeviceOrders, useOrders } from '../api/order-queries.ts';
import { useDevice, useDownDevices } from '../api/queries.ts';
import { DeviceEventsPanel } from '../devices/device-events-panel.tsx';
import { HealthMark } from '../devices/health-mark.tsx';
import { isInBuilding, placeWords } from '../devices/places.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { useRoute } from '../route-context.tsx';
import { useCompound } from '../shell/compound-context.tsx';
import { PriorityMark } from './priority-mark.tsx';

function OrderLine({ order, zone }: { order: WorkOrderItem; zone: string }) {
  const { t, say } = useWords();
  const { go } = useRoute();
  return (
    <li>
      <PriorityMark priority={order.priority} />
      <button type="button" className="link" onClick={() => go('orders', order.id)}>
        {say(order.title)}
      </button>
      <span className="quiet">
        {t(`state.${order.state}`)} · <When at={order.raisedAt} zone={zone} />
      </span>
    </li>
  );
}

/** What else is wrong in the same building: other orders, devices that are down. */
function Neighbourhood({ order, device, zone }: { order: WorkOrderDetail; device: DeviceDetail; zone: string }) {
  const { t } = useWords();
  const { go } = useRoute();
  const { byId } = useCompound();
  const building = device.buildingName;
  const names = (byId(order.compound)?.buildings ?? []).map(({ name }) => name);
  const orders = useOrders(order.compound, 'open').data?.items ?? [];
  const down = useDownDevices(order.compound);
  const nearOrders = orders.filter(
    ({ id, device: other, place }) =>
      id !== order.id && (other === order.device || isInBuilding(place, building, names)),
  );
  const nearDown = (down.data ?? []).filter(({ id, buildingName }) => id !== device.id && buildingName === building);
  const isQuiet = nearOrders.length === 0 && nearDown.length === 0;
  return (
    <section aria-labelledby="near-title" className="panel-section">
      <h3 id="near-title">{t('order.nearby', { place: building ?? t('device.grounds') })}</h3>
      {isQuiet && down.isSuccess && <p className="quiet">{t('order.nearbyNothing')}</p>}
      <ul className="lines">
        {nearOrders.slice(0, 6).map((near) => (
          <OrderLine key={near.id} order={near} zone={zone} />
        ))}
        {nearDown.slice(0, 6).map(({ id, name, health }) => (
          <li key={id}>
            <HealthMark state={health.state} />
            <button type="button" className="link" onClick={() => go('devices', id)}>
              {name}
            </button>
            {health.since !== null && (
              <span className="quiet">
                <When at={health.since} zone={zone} ago />
              </span>
            )}
          </li>
        ))}
      </ul>
      {(nearOrders.length > 6 || nearDown.length > 6) && (
        <p className="quiet">
          {t('order.nearbyMore', { n: Math.max(0, nearOrders.length - 6) + Math.max(0, nearDown.length - 6) })}
        </p>
      )}
    </section>
  );
}

/** The orders the device had before: is it always the same one? */
function Before({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t } = useWords();
  const before = (useDeviceOrders(order.device).data ?? []).filter(
    ({ id, state }) => id !== order.id && (state === 'closed' || state === 'cancelled'),
  );
  if (before.length === 0) return null;
  return (
    <section aria-labelledby="before-title" className="panel-section">
      <h3 id="before-title">{t('order.before')}</h3>
      <ul className="lines">
        {before.slice(0, 5).map((one) => (
          <OrderLine key={one.id} order={one} zone={zone} />
        ))}
      </ul>
    </section>
  );
}

export function DeviceContext({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t, word } = useWords();
  const { go } = useRoute();
  const { data: device, isError } = useDevice(order.device);
  if (isError) return <p className="no-data">{t('device.unknown', { id: order.device })}</p>;
  if (device === undefined || order.device === null) return null;
  return (
    <>
      <section aria-labelledby="device-title" className="panel-section">
        <h3 id="device-title">{t('order.device')}</h3>
        <p className="device-line">
          <HealthMark state={device.health.state} />
          <button type="button" className="link" data-testid="open-device" onClick={() => go('devices', device.id)}>
            {device.name}
          </button>
          <span className="quiet">
            {[word('kind', device.kind), placeWords(device)].filter((part) => part !== '').join(' · ')}
          </span>
        </p>
        <p className="quiet">
          {device.health.lastHeardAt === null ? (
            t('device.neverHeard')
          ) : (
            <>
              {t('device.lastHeard')} <When at={device.health.lastHeardAt} zone={zone} ago />
            </>
          )}
        </p>
      </section>
      <DeviceEventsPanel device={device.id} zone={zone} count={6} />
      <Neighbourhood order={order} device={device} zone={zone} />
      <Before order={order} zone={zone} />
    </>
  );
}
