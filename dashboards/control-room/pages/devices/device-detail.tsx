import { Spin } from 'antd';
import type { DeviceDetail } from '../../../../services/api/schemas.ts';
import { useDevice } from '../../api/queries.ts';
import { DeviceCommands } from '../../devices/device-commands.tsx';
import { DeviceEventsPanel } from '../../devices/device-events-panel.tsx';
import { quantityName, readingText } from '../../devices/event-words.ts';
import { HealthMark } from '../../devices/health-mark.tsx';
import { placeWords } from '../../devices/places.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';

function Faults({ device, zone }: { device: DeviceDetail; zone: string }) {
  const { t, word } = useWords();
  const { faults } = device.health;
  return (
    <section aria-labelledby="faults-title" className="panel-section">
      <h3 id="faults-title">{t('device.faults')}</h3>
      {faults.length === 0 ? (
        <p className="quiet">{device.health.state === 'online' ? t('device.noFaults') : t('device.noFaultsKnown')}</p>
      ) : (
        <ul className="lines">
          {faults.map(({ code, text, component, since }) => (
            <li key={`${code} ${component}`} data-testid="device-fault">
              <strong className="fault-words">{word('fault', code)}</strong>
              <span>{[component, text].filter((part) => part !== null).join(' · ')}</span>
              <span className="quiet">
                <When at={since} zone={zone} ago />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Readings({ device, zone }: { device: DeviceDetail; zone: string }) {
  const { t, language, word } = useWords();
  if (device.readings.length === 0) return null;
  return (
    <section aria-labelledby="readings-title" className="panel-section">
      <h3 id="readings-title">{t('device.readings')}</h3>
      <dl className="readings">
        {device.readings.map(({ quantity, unit, value, at }) => {
          const outside = device.band?.quantity === quantity && (value < device.band.min || value > device.band.max);
          return (
            <div key={quantity} data-testid="reading" className={outside ? 'is-bad' : undefined}>
              <dt>{quantityName(quantity, language)}</dt>
              <dd>
                {readingText(quantity, value, word, unit)}
                {outside && <span className="small"> {t('device.outside')}</span>}
              </dd>
              <dd className="quiet small">
                <When at={at} zone={zone} ago />
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Messages({ device }: { device: DeviceDetail }) {
  const { t } = useWords();
  const { recorded, noOp, refused } = device.messages;
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);
  return (
    <section aria-labelledby="messages-title" className="panel-section">
      <h3 id="messages-title">{t('device.messages')}</h3>
      <dl className="readings">
        <div>
          <dt>{t('device.recorded')}</dt>
          <dd>{recorded}</dd>
        </div>
        <div>
          <dt>{t('device.noOp')}</dt>
          <dd>{sum(noOp)}</dd>
        </div>
        <div className={sum(refused) > 0 ? 'is-bad' : undefined}>
          <dt>{t('device.refused')}</dt>
          <dd>{sum(refused)}</dd>
        </div>
      </dl>
      <ul className="plain quiet small">
        {Object.entries(refused).map(([code, count]) => (
          <li key={code}>
            <code>{code}</code> {count}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Register({ device }: { device: DeviceDetail }) {
  const { t, word } = useWords();
  const rows: [string, string | undefined | null][] = [
    [t('device.id'), device.id],
    [t('device.dialect'), device.dialect],
    [t('records.device.model'), device.model],
    [t('device.externalId'), device.externalId],
    [t('device.gateway'), device.gateway],
    [t('device.username'), device.username],
    [t('device.features'), device.features.map((feature) => word('feature', feature)).join(t('list.separator'))],
    [t('device.adopted'), device.adopted ? t('device.adoptedYes') : null],
  ];
  return (
    <section aria-labelledby="register-title" className="panel-section">
      <h3 id="register-title">{t('device.register')}</h3>
      <dl className="facts">
        {rows.map(([name, value]) =>
          value === undefined || value === null || value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}

export function DeviceDetailView({ id }: { id: string }) {
  const { t, word } = useWords();
  const { zoneOf } = useCompound();
  const { go } = useRoute();
  const { data: device, error, isPending, refetch } = useDevice(id);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (device === undefined) return <ProblemNote error={error ?? new Error(id)} onRetry={() => void refetch()} />;
  const zone = zoneOf(device.compound);
  const { lastHeardAt, since, batteryPercent, state } = device.health;
  return (
    <article data-testid="device-detail" data-device={device.id}>
      <h2>{device.name}</h2>
      <p className="order-place">
        {[word('kind', device.kind), placeWords(device)].filter((part) => part !== '').join(' · ')}
      </p>
      <p className="device-line">
        <HealthMark state={state} />
        {since !== null && (
          <span className="quiet">
            {t('device.since')} <When at={since} zone={zone} />
          </span>
        )}
        <span className="quiet">
          {lastHeardAt === null ? (
            t('device.neverHeard')
          ) : (
            <>
              {t('device.lastHeard')} <When at={lastHeardAt} zone={zone} ago />
            </>
          )}
        </span>
        {batteryPercent !== null && <span>{t('device.battery', { percent: Math.round(batteryPercent) })}</span>}
      </p>
      {device.openWorkOrders.length > 0 && (
        <p>
          {t('device.openOrders')}{' '}
          {device.openWorkOrders.map((order) => (
            <button key={order} type="button" className="link" onClick={() => go('orders', order)}>
              {order}
            </button>
          ))}
        </p>
      )}
      <Faults device={device} zone={zone} />
      <DeviceCommands device={device.id} kind={device.kind} zone={zone} />
      <Readings device={device} zone={zone} />
      <DeviceEventsPanel device={device.id} zone={zone} count={15} />
      <Messages device={device} />
      <Register device={device} />
    </article>
  );
}
