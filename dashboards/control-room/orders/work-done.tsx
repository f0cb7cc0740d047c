import type { WorkOrderDetail } from '../../../services/projections/work-order-board/board.ts';
import { useWords } from '../locales/i18n.ts';
import { partText, yuanText } from './step-notes.ts';

const keyOf = ({ at, data }: { at: string; data: unknown }): string => `${at} ${JSON.stringify(data)}`;

/** Parts that were used and what the repair cost, by whom it is borne. */
export function WorkDone({ order }: { order: WorkOrderDetail }) {
  const { t, word } = useWords();
  const parts = order.timeline.filter(({ type }) => type === 'work-order.part-used');
  const costs = order.timeline.filter(({ type }) => type === 'work-order.cost-recorded');
  if (parts.length === 0 && costs.length === 0) return null;
  return (
    <section aria-labelledby="work-title" className="panel-section" data-testid="work-done">
      <h3 id="work-title">{t('order.workDone')}</h3>
      <ul className="lines">
        {parts.map((part) => (
          <li key={keyOf(part)}>{partText(part.data)}</li>
        ))}
        {costs.map(({ at, data }) => (
          <li key={keyOf({ at, data })}>
            <span>{word('costKind', String(data.kind))}</span>
            <span>{yuanText(Number(data.amountFen))}</span>
            <span className="quiet">{word('payer', String(data.paidBy))}</span>
          </li>
        ))}
      </ul>
      {costs.length > 0 && <p data-testid="cost-total">{t('order.costTotal', { total: yuanText(order.costFen) })}</p>}
    </section>
  );
}
