import { PhoneOutlined, PrinterOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import { type RefObject, useRef, useState } from 'react';
import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { useOrder } from '../api/order-queries.ts';
import { useDevice } from '../api/queries.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { ReferDialog } from '../pages/matters/refer-dialog.tsx';
import { OrderPhotos } from '../photos/order-photos.tsx';
import { useRoute } from '../route-context.tsx';
import { useCompound } from '../shell/compound-context.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useKeyCommands } from '../shell/use-key-commands.ts';
import { ActionBar } from './action-bar.tsx';
import { ActionDialog } from './action-dialog.tsx';
import { ClockBar } from './clock-bar.tsx';
import { CoveredFaults } from './covered-faults.tsx';
import { DeviceContext } from './device-context.tsx';
import { OrderState, usePlaceOf } from './order-facts.tsx';
import { OrderNotes } from './order-notes.tsx';
import { asides, lifeSteps } from './order-steps.ts';
import { printPage } from './print-page.ts';
import { PriorityMark } from './priority-mark.tsx';
import { Timeline } from './timeline.tsx';
import { useOrderActions } from './use-order-actions.ts';
import { WorkDone } from './work-done.tsx';

function Facts({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t, word } = useWords();
  const rows: [string, React.ReactNode][] = [
    [t('order.raised'), <When key="raised" at={order.raisedAt} zone={zone} ago />],
    [t('order.assignee'), order.assignee ?? t('order.nobody')],
    [t('order.reports'), t('order.reportsCount', { n: order.reports })],
    [t('order.fault'), word('fault', order.code)],
  ];
  if (order.trade !== null) rows.push([t('order.trade'), word('trade', order.trade)]);
  if (order.recoveredAt !== null) {
    rows.push([t('order.recoveredAt'), <When key="recovered" at={order.recoveredAt} zone={zone} />]);
  }
  if (order.outcome !== null) rows.push([t('order.outcome'), word('outcome', order.outcome)]);
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Who to ring: the steward of the building. */
function useSteward(order: WorkOrderDetail | undefined) {
  const { byId } = useCompound();
  const device = useDevice(order?.device);
  const compound = order === undefined ? undefined : byId(order.compound);
  const position = compound?.positions.find(({ id }) => id === device.data?.position);
  const building = order?.building ?? position?.building;
  return compound?.buildings.find(({ id }) => id === building)?.steward;
}

/** What the property company can't settle alone goes to the joint meeting. */
function ReferOrder({ order }: { order: WorkOrderDetail }) {
  const { t, say } = useWords();
  const { go } = useRoute();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" type="text" className="no-print" data-testid="refer-order" onClick={() => setAsking(true)}>
        {t('matter.refer')}
      </Button>
      {isAsking && (
        <ReferDialog
          order={order.id}
          compound={order.compound}
          about={say(order.title)}
          onReferred={(id) => go('matters', id)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** Everything about one order, and what can be done about it. The same on the Now page and in the drawer of Orders. */
export function OrderDetail({
  id,
  canAct,
  focusRef,
}: {
  id: string;
  canAct: boolean;
  focusRef?: RefObject<HTMLHeadingElement | null>;
}) {
  const { t, say } = useWords();
  const { zoneOf, selected } = useCompound();
  const placeOf = usePlaceOf();
  const ownRef = useRef<HTMLHeadingElement>(null);
  const { data: order, error, isPending, refetch } = useOrder(id);
  const actions = useOrderActions(order, canAct);
  const steward = useSteward(order);
  useKeyCommands({
    ...Object.fromEntries([...lifeSteps, ...asides].map((name) => [name, () => actions.start(name)])),
    pause: () => actions.start(actions.allowed.has('resume') ? 'resume' : 'pause'),
  });
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (order === undefined) return <ProblemNote error={error ?? new Error(id)} onRetry={() => void refetch()} />;
  const zone = zoneOf(order.compound);
  return (
    <article className="order-detail" data-testid="order-detail" data-order={order.id}>
      <header>
        <div className="order-detail-top">
          <PriorityMark priority={order.priority} />
          <OrderState order={order} />
          <span className="quiet order-number">{order.id}</span>
          <Button
            size="small"
            type="text"
            className="no-print"
            icon={<PrinterOutlined aria-hidden />}
            aria-label={t('action.print')}
            title={t('action.print')}
            data-testid="print-order"
            onClick={() => printPage('order')}
          />
        </div>
        <h2 tabIndex={-1} ref={focusRef ?? ownRef} data-testid="order-title">
          {say(order.title)}
        </h2>
        <p className="order-place">{placeOf(order, selected === undefined)}</p>
        {order.text !== null && <p className="device-words">{t('order.deviceSays', { text: order.text })}</p>}
        <ClockBar order={order} zone={zone} />
      </header>
      <OrderNotes order={order} zone={zone} />
      <ActionBar order={order} actions={actions} />
      {canAct && order.closedAt === null && <ReferOrder order={order} />}
      {steward?.telephone !== undefined && (
        <a className="call" href={`tel:${steward.telephone.replaceAll(' ', '')}`} data-testid="call-steward">
          <PhoneOutlined aria-hidden /> {t('order.call', { name: steward.name, telephone: steward.telephone })}
        </a>
      )}
      {actions.error !== null && actions.asking === null && (
        <ProblemNote error={actions.error} testId="order-problem" />
      )}
      <Facts order={order} zone={zone} />
      <CoveredFaults order={order.id} zone={zone} />
      <WorkDone order={order} />
      <OrderPhotos order={order} canAct={canAct} />
      {order.device !== null && <DeviceContext order={order} zone={zone} />}
      <Timeline order={order} zone={zone} />
      <ActionDialog order={order} actions={actions} steward={steward?.name} />
    </article>
  );
}
