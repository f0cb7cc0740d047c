import { Button } from 'antd';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../../api/answers.ts';
import { photoPath } from '../../api/order-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ClockBar } from '../../orders/clock-bar.tsx';
import { OrderState, usePlaceOf } from '../../orders/order-facts.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { PhotoButton } from '../../photos/photo-button.tsx';
import type { PhoneOrder } from './phone-steps.ts';

interface CardProps {
  shown: PhoneOrder;
  zone: string;
  withCompound: boolean;
  onStep: (name: CommandName) => void;
  onPhoto: (file: File) => void;
  onDismiss: (id: number) => void;
}

const isInHand = ({ state }: WorkOrderItem): boolean => ['dispatched', 'accepted', 'on-site'].includes(state);

/** One order, as large as the thumb wants it: what, where, how long, and the one step that comes next. */
export function PhoneCard({ shown, zone, withCompound, onStep, onPhoto, onDismiss }: CardProps) {
  const { t, say, word } = useWords();
  const placeOf = usePlaceOf();
  const { order, step, unsent, refused, canAct } = shown;
  return (
    <li className="phone-card" data-testid="phone-order" data-order={order.id} data-state={order.state}>
      <span className="card-top">
        <PriorityMark priority={order.priority} />
        <span className="quiet">
          <When at={order.raisedAt} zone={zone} ago />
        </span>
      </span>
      <h2>{say(order.title)}</h2>
      <p className="phone-place">{placeOf(order, withCompound)}</p>
      {order.text !== null && <p className="device-words">{order.text}</p>}
      <OrderState order={order} />
      <ClockBar order={order} zone={zone} />
      {order.photos.length > 0 && (
        <ul className="photo-list">
          {order.photos.map((sha256, index) => (
            <li key={sha256}>
              <img src={photoPath(order.id, sha256)} alt={t('photo.nth', { n: index + 1 })} loading="lazy" />
            </li>
          ))}
        </ul>
      )}
      {unsent > 0 && (
        <p className="order-note" data-testid="phone-unsent">
          {t('phone.unsent', { n: unsent })}
        </p>
      )}
      {refused.map(({ id, refused: code }) => (
        <p key={id} className="order-note is-warning" role="alert" data-testid="phone-refused">
          {t('phone.refused', { why: word('problem', code ?? '') })}{' '}
          <button type="button" className="link" onClick={() => onDismiss(id)}>
            {t('phone.dismiss')}
          </button>
        </p>
      ))}
      {step !== undefined && (
        <button
          key={step}
          type="button"
          className="phone-step"
          data-testid={`step-${step}`}
          onClick={() => onStep(step)}
        >
          {t(`phone.step.${step}`)}
        </button>
      )}
      {canAct && (
        <div className="phone-more">
          <PhotoButton size="large" pending={false} onChoose={onPhoto} />
          {isInHand(order) && order.priority !== 'P0' && (
            <Button size="large" data-testid="step-pause" onClick={() => onStep('pause')}>
              {t('action.pause')}
            </Button>
          )}
          {isInHand(order) && (
            <Button size="large" data-testid="step-return" onClick={() => onStep('return')}>
              {t('action.return')}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
