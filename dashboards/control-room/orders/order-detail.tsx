import { PhoneOutlined } from '@ant-design/icons';
import { Spin } from 'antd';
import { type RefObject, useRef } from 'react';
import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { useDevice, useOrder } from '../api/queries.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { useCompound } from '../shell/compound-context.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useKeyCommands } from '../shell/use-key-commands.ts';
import { ActionBar } from './action-bar.tsx';
import { ActionDialog } from './action-dialog.tsx';
import { ClockBar } from './clock-bar.tsx';
import { DeviceContext } from './device-context.tsx';
import { OrderState, usePlaceOf } from './order-facts.tsx';
import { PriorityMark } from './priority-mark.tsx';
import { Timeline } from './timeline.tsx';
import { useOrderActions } from './use-order-actions.ts';

function Facts({ order, zone }: { order: WorkOrderDetail; zone: string }) {
  const { t, word } = useWords();
  const rows: [string, React.ReactNode][] = [
    [t('order.raised'), <When key="raised" at={order.raisedAt} zone={zone} ago />],
    [t('order.assignee'), order.assignee ?? t('order.nobody')],
    [t('order.reports'), t('order.reportsCount', { n: order.reports })],
    [t('order.fault'), word('fault', order.code)],
  ];
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
  return compound?.buildings.find(({ id }) => id === position?.building)?.steward;
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
    acknowledge: () => actions.start('acknowledge'),
    dispatch: () => actions.start('dispatch'),
    arrive: () => actions.start('arrive'),
    resolve: () => actions.start('resolve'),
    close: () => actions.start('close'),
    note: () => actions.start('note'),
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
        </div>
        <h2 tabIndex={-1} ref={focusRef ?? ownRef} data-testid="order-title">
          {say(order.title)}
        </h2>
        <p className="order-place">{placeOf(order, selected === undefined)}</p>
        {order.text !== null && <p className="device-words">{t('order.deviceSays', { text: order.text })}</p>}
        <ClockBar order={order} zone={zone} />
      </header>
      <ActionBar actions={actions} />
      {steward?.telephone !== undefined && (
        <a className="call" href={`tel:${steward.telephone.replaceAll(' ', '')}`} data-testid="call-steward">
          <PhoneOutlined aria-hidden /> {t('order.call', { name: steward.name, telephone: steward.telephone })}
        </a>
      )}
      {actions.error !== null && actions.asking === null && (
        <ProblemNote error={actions.error} testId="order-problem" />
      )}
      <Facts order={order} zone={zone} />
      {order.device !== null && <DeviceContext order={order} zone={zone} />}
      <Timeline order={order} zone={zone} />
      <ActionDialog order={order} actions={actions} steward={steward?.name} />
    </article>
  );
}
