import { Button, Spin } from 'antd';
import { useState } from 'react';
import { useOperation } from '../../api/operation-queries.ts';
import { useDevices } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { type RoundItem, type RoundOccurrence, roundPath, useRounds } from '../../api/round-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { usePeople } from '../../orders/use-people.ts';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';
import { newRoundId, planOf, roundFields, roundInitial } from './round-fields.ts';

interface Stop {
  round: string;
  day: string;
  stop: string;
  title: string;
}

/** One round under way: what is still to be looked at, with a word for each. */
function UnderWay({
  round,
  occurrence,
  zone,
  canAct,
  onOk,
  onFinding,
}: {
  round: RoundItem;
  occurrence: RoundOccurrence;
  zone: string;
  canAct: boolean;
  onOk: (stop: Stop) => void;
  onFinding: (stop: Stop) => void;
}) {
  const { t, say } = useWords();
  const { go } = useRoute();
  return (
    <Section title={`${say(round.plan.title)} · ${occurrence.day}`}>
      <p>
        {t('round.until')} <When at={occurrence.until} zone={zone} />{' '}
        <button type="button" className="link" onClick={() => go('orders', occurrence.order)}>
          {occurrence.order}
        </button>
      </p>
      <ul className="lines">
        {round.plan.stops.map(({ id, title }) => {
          const stop = { round: round.id, day: occurrence.day, stop: id, title: say(title) };
          const result = occurrence.checked[id];
          return (
            <li key={id} data-testid="round-stop" data-stop={id} data-result={result ?? ''}>
              <span>{say(title)}</span>
              {result !== undefined && (
                <span className={result === 'finding' ? 'tag tag-warn' : 'tag'}>{t(`round.result.${result}`)}</span>
              )}
              {result === undefined && canAct && (
                <>
                  <Button size="small" data-testid="stop-ok" onClick={() => onOk(stop)}>
                    {t('round.result.ok')}
                  </Button>
                  <Button size="small" data-testid="stop-finding" onClick={() => onFinding(stop)}>
                    {t('round.result.finding')}
                  </Button>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

function PlanTable({
  rounds,
  zone,
  onEnd,
}: {
  rounds: RoundItem[];
  zone: string;
  onEnd: ((id: string) => void) | null;
}) {
  const { t, say } = useWords();
  return (
    <PlainTable
      label={t('round.plans')}
      testId="round-row"
      none={t('round.none')}
      columns={[t('round.field.title'), t('round.every'), t('round.next'), t('round.lately'), t('records.change')]}
      lines={rounds.map(({ id, plan, nextAt, ended, occurrences }) => ({
        key: id,
        cells: [
          `${say(plan.title)} · ${t(`round.kind.${plan.kind}`)}`,
          t(`round.everyUnit.${plan.every.unit}`, { n: plan.every.count, at: plan.at }),
          nextAt === null || ended ? '' : <When key="next" at={nextAt} zone={zone} />,
          t('round.counts', {
            done: occurrences.filter(({ done }) => done).length,
            missed: occurrences.filter(({ missed }) => missed).length,
          }),
          ended ? (
            <span key="ended" className="quiet">
              {t('round.ended')}
            </span>
          ) : (
            onEnd !== null && (
              <Button key="end" size="small" data-testid="end-round" onClick={() => onEnd(id)}>
                {t('round.end')}
              </Button>
            )
          ),
        ],
      }))}
    />
  );
}

/** Inspection and maintenance rounds (计划保养): the plans, what is under way, and every stop with its result. */
export function Rounds({ compound, canAct }: OperationProps) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useRounds(compound.id);
  const places = { devices: useDevices(compound.id).data?.items ?? [], positions: compound.positions };
  const people = usePeople(compound.id);
  const command = useOperation(queryKeys.rounds);
  // What a button says at once: a dialog that is opened meanwhile neither waits for it nor is closed by it.
  const word = useOperation(queryKeys.rounds);
  const [asking, setAsking] = useState<'plan' | Stop | null>(null);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const zone = compound.timeZone;
  const note: FieldSpec = { name: 'note', kind: 'area', required: true, label: t('round.finding') };
  const fields = asking === 'plan' ? roundFields(t, people, places) : [note];
  const send = (path: string, body: unknown) => command.mutate({ path, body }, { onSuccess: () => setAsking(null) });
  const stopPath = ({ round, day, stop }: Stop) => roundPath(round, 'occurrences', day, 'stops', stop);
  const underWay = data.flatMap((round) =>
    round.occurrences.filter(({ done, missed }) => !done && !missed).map((occurrence) => ({ round, occurrence })),
  );
  return (
    <div className="record-section">
      <Section title={t('round.plans')}>
        {canAct && (
          <div className="record-actions">
            <Button type="primary" data-testid="plan-round" onClick={() => setAsking('plan')}>
              {t('round.plan')}
            </Button>
          </div>
        )}
        {word.error !== null && <ProblemNote error={word.error} />}
        <PlanTable
          rounds={data}
          zone={zone}
          onEnd={canAct ? (id) => word.mutate({ path: roundPath(id, 'end'), body: {} }) : null}
        />
      </Section>
      {underWay.map(({ round, occurrence }) => (
        <UnderWay
          key={`${round.id} ${occurrence.day}`}
          {...{ round, occurrence, zone, canAct }}
          onOk={(stop) => word.mutate({ path: stopPath(stop), body: { result: 'ok' } })}
          onFinding={setAsking}
        />
      ))}
      {asking !== null && (
        <AskDialog
          command={asking === 'plan' ? 'plan-round' : 'finding'}
          title={asking === 'plan' ? t('round.plan') : asking.title}
          okText={t('records.save')}
          initial={asking === 'plan' ? roundInitial : {}}
          fieldsOf={() => fields}
          pending={command.isPending}
          error={command.error}
          onSubmit={(values) => {
            const body = bodyOf(fields, values, zone);
            const ids = data.map(({ id }) => id);
            if (asking !== 'plan') send(stopPath(asking), { ...body, result: 'finding' });
            else send(roundPath(newRoundId(compound.id, ids)), planOf(body, compound.id, places));
          }}
          onClose={() => {
            command.reset();
            setAsking(null);
          }}
        />
      )}
    </div>
  );
}
