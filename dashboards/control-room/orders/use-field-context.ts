import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import type { CommandName } from '../api/answers.ts';
import { useOrders, usePauseReasons } from '../api/order-queries.ts';
import { useWords } from '../locales/i18n.ts';
import type { FieldContext } from './command-fields.ts';
import { trades } from './trades.ts';
import { usePeople } from './use-people.ts';

const othersMax = 200;

/** What the fields of a command are made of: who there is, which reasons, which other orders. */
export function useFieldContext({
  name,
  order,
  steward,
}: {
  name: CommandName;
  order: WorkOrderDetail;
  steward: string | undefined;
}): Omit<FieldContext, 'values'> {
  const { t, say, word } = useWords();
  const people = usePeople(order.compound);
  const reasons = usePauseReasons(name === 'pause').data ?? [];
  const open = useOrders(order.compound, 'open').data?.items ?? [];
  const others = open.filter(({ id }) => id !== order.id);
  // A duplicate is most often of the same device.
  others.sort((a, b) => Number(b.device === order.device) - Number(a.device === order.device));
  return {
    t: (key, given) => t(key, given ?? {}),
    faultStanding: order.faultStanding,
    steward,
    people,
    trades: trades.map((value) => ({ value, label: word('trade', value) })),
    reasons: reasons.map(({ id, title }) => ({ value: id, label: say(title) })),
    others: others.slice(0, othersMax).map(({ id, title, place, deviceName }) => ({
      value: id,
      label: [say(title), place ?? deviceName, id].filter((part) => part !== null).join(' · '),
    })),
  };
}
