import { Button } from 'antd';
import { useState } from 'react';
import type { HandoverItem } from '../../../../services/work-orders/handover.ts';
import { useHandovers, useOperation } from '../../api/operation-queries.ts';
import { useOrders } from '../../api/order-queries.ts';
import { useMe } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { compoundPath } from '../../api/record-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { sortOrders } from '../../orders/order-list.ts';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';

/** How things stood as the shift ended; only a critical order that was left open has a colour. */
function ShiftFigures({ figures }: { figures: HandoverItem['figures'] }) {
  const { t } = useWords();
  const { raised, closed, open } = figures;
  const total = Object.values(open).reduce((sum, count) => sum + count, 0);
  return (
    <span>
      {t('handover.figures', { raised, closed, open: total })}
      {(open.P0 ?? 0) > 0 && <span className="is-bad"> {t('handover.critical', { n: open.P0 })}</span>}
    </span>
  );
}

function Line({
  item,
  zone,
  onTake,
}: {
  item: HandoverItem;
  zone: string;
  /** Missing where this person can't sign for the next shift. */
  onTake: (() => void) | undefined;
}) {
  const { t } = useWords();
  const { go } = useRoute();
  const { taken } = item;
  return (
    <li data-testid="handover-row" data-taken={taken !== null}>
      <span className="record-head">
        <strong>{t('handover.givenBy', { person: item.by })}</strong>
        <span className="quiet">{absoluteTime(item.at, zone)}</span>
        {onTake !== undefined && (
          <Button type="primary" size="small" data-testid="take-over" onClick={onTake}>
            {t('handover.take')}
          </Button>
        )}
      </span>
      <ShiftFigures figures={item.figures} />
      {item.notes !== undefined && <span className="record-words">{item.notes}</span>}
      {item.watch.length > 0 && (
        <span className="record-actions">
          {t('handover.watch')}
          {item.watch.map((order) => (
            <button key={order} type="button" className="link" onClick={() => go('orders', order)}>
              {order}
            </button>
          ))}
        </span>
      )}
      {taken !== null && (
        <span>
          {t('handover.takenBy', { person: taken.by })} <span className="quiet">{absoluteTime(taken.at, zone)}</span>{' '}
          <span className="record-words">{taken.remarks}</span>
        </span>
      )}
    </li>
  );
}

function HandOver({ compound }: Pick<OperationProps, 'compound'>) {
  const { t, say } = useWords();
  const orders = useOrders(compound.id, 'open').data?.items ?? [];
  const give = useOperation(queryKeys.handovers);
  const fields: FieldSpec[] = [
    { name: 'notes', kind: 'area', lengthMax: 5000, label: t('handover.notes'), hint: t('handover.notesHint') },
    {
      ...{ name: 'watch', kind: 'choices', label: t('handover.watch') },
      options: sortOrders(orders).map(({ id, priority, title }) => ({
        value: id,
        label: `${priority} ${say(title)} (${id})`,
      })),
    },
  ];
  return (
    <Section title={t('handover.give')} hint={t('handover.hint')}>
      <RecordForm
        name="handover"
        fields={fields}
        submitLabel={t('handover.give')}
        pending={give.isPending}
        error={give.error}
        onSubmit={(values, done) =>
          give.mutate(
            { path: compoundPath(compound.id, 'handovers'), body: bodyOf(fields, values, compound.timeZone) },
            { onSuccess: done },
          )
        }
      />
    </Section>
  );
}

/** Shift handovers (交接班): who goes says what to watch, who comes signs for it. */
export function Handovers({ compound, canAct }: OperationProps) {
  const { t } = useWords();
  const me = useMe().data;
  const { data = [], error, isPending, refetch } = useHandovers(compound.id);
  const take = useOperation(queryKeys.handovers);
  const [taking, setTaking] = useState<HandoverItem | null>(null);
  const remarks: FieldSpec[] = [{ name: 'remarks', kind: 'area', label: t('handover.remarks') }];
  const [newest] = data;
  const canTake = (item: HandoverItem): boolean =>
    canAct && item === newest && item.taken === null && item.by !== me?.user;
  return (
    <div className="records-body">
      {canAct && <HandOver compound={compound} />}
      <Section title={t('handover.list')}>
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {!isPending && data.length === 0 && <p className="quiet">{t('handover.none')}</p>}
        <ol className="record-list">
          {data.map((item) => (
            <Line
              key={item.id}
              item={item}
              zone={compound.timeZone}
              onTake={canTake(item) ? () => setTaking(item) : undefined}
            />
          ))}
        </ol>
      </Section>
      {taking !== null && (
        <AskDialog
          command="take-over"
          title={t('handover.take')}
          about={taking.notes ?? ''}
          okText={t('handover.take')}
          fieldsOf={() => remarks}
          pending={take.isPending}
          error={take.error}
          onSubmit={(values) =>
            take.mutate(
              {
                path: compoundPath(compound.id, 'handovers', taking.id, 'take'),
                body: bodyOf(remarks, values, compound.timeZone),
              },
              { onSuccess: () => setTaking(null) },
            )
          }
          onClose={() => {
            take.reset();
            setTaking(null);
          }}
        />
      )}
    </div>
  );
}
