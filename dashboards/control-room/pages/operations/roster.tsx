import { Button, Spin } from 'antd';
import { useState } from 'react';
import type { Roster, Shift } from '../../../../services/work-orders/roster.ts';
import { useOnDuty, useOperation, useRoster } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { compoundPath } from '../../api/record-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf } from '../../forms/field-spec.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { usePeople } from '../../orders/use-people.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';
import { shiftFields, shiftOf, swapFields } from './roster-fields.ts';

type Asking = { kind: 'shift' } | { kind: 'swap'; shift: string } | null;

/** Whom a call reaches now, in the order in which they are called. */
function OnDuty({ compound, zone }: { compound: string; zone: string }) {
  const { t } = useWords();
  const { data, error } = useOnDuty(compound);
  return (
    <Section title={t('roster.onDuty')}>
      {error !== null && <ProblemNote error={error} />}
      <PlainTable
        label={t('roster.onDuty')}
        testId="on-duty"
        none={t('roster.nobody')}
        columns={[t('roster.field.person'), t('roster.field.role'), t('roster.until')]}
        lines={(data ?? []).map(({ person, role, shift, until }) => ({
          key: shift,
          cells: [person, t(`dutyRole.${role}`), <When key="until" at={until} zone={zone} />],
        }))}
      />
    </Section>
  );
}

function useDescribe() {
  const { t, word } = useWords();
  return ({ weekdays, on, from, to, building, trade }: Shift, nameOf: (building: string) => string) => ({
    when: [
      `${from}–${to}`,
      t(`shiftDays.${on}`),
      ...(weekdays === undefined ? [] : [weekdays.map((day) => t(`weekday.${day}`)).join(' ')]),
    ].join(' · '),
    where: [building === undefined ? '' : nameOf(building), trade === undefined ? '' : word('trade', trade)]
      .filter((part) => part !== '')
      .join(' · '),
  });
}

/** Who takes whose turn on which day. */
function Swaps({ roster, onWithdraw }: { roster: Roster; onWithdraw: ((id: string) => void) | undefined }) {
  const { t } = useWords();
  return (
    <>
      <h3>{t('roster.swaps')}</h3>
      <PlainTable
        label={t('roster.swaps')}
        testId="swap-row"
        none={t('roster.noSwaps')}
        columns={[t('roster.field.day'), t('roster.insteadOf'), t('roster.field.person'), t('records.change')]}
        lines={roster.swaps.map(({ id, day, shift, person }) => ({
          key: id,
          cells: [
            day,
            roster.shifts.find((one) => one.id === shift)?.person ?? shift,
            person,
            onWithdraw !== undefined && (
              <Button key="withdraw" size="small" onClick={() => onWithdraw(id)}>
                {t('records.remove')}
              </Button>
            ),
          ],
        }))}
      />
    </>
  );
}

/** Duty rosters (排班): who has duty when, and who takes whose turn. */
export function DutyRoster({ compound, canAct }: OperationProps) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useRoster(compound.id);
  const command = useOperation(queryKeys.rosters);
  const [asking, setAsking] = useState<Asking>(null);
  const people = usePeople(compound.id);
  const describe = useDescribe();
  const path = (...rest: string[]) => compoundPath(compound.id, 'roster', ...rest);
  const done = { onSuccess: () => setAsking(null) };
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const nameOf = (id: string) => compound.buildings.find((building) => building.id === id)?.name ?? id;
  const drawUp = (shifts: Shift[]) => command.mutate({ path: path(), body: { shifts } }, done);
  const actions = (id: string) =>
    canAct && (
      <span className="record-actions">
        <Button size="small" data-testid="swap-shift" onClick={() => setAsking({ kind: 'swap', shift: id })}>
          {t('roster.swap')}
        </Button>
        <Button size="small" onClick={() => drawUp(data.shifts.filter((shift) => shift.id !== id))}>
          {t('records.remove')}
        </Button>
      </span>
    );
  const withdraw = (id: string) => command.mutate({ method: 'DELETE', path: path('swaps', id), body: {} });
  const fields = asking?.kind === 'swap' ? swapFields(t, people) : shiftFields(t, people, compound.buildings);
  return (
    <div className="records-body">
      <Section title={t('roster.shifts')} hint={t('roster.hint')}>
        {canAct && (
          <div className="record-actions">
            <Button type="primary" data-testid="add-shift" onClick={() => setAsking({ kind: 'shift' })}>
              {t('roster.add')}
            </Button>
          </div>
        )}
        {command.error !== null && asking === null && <ProblemNote error={command.error} />}
        <PlainTable
          label={t('roster.shifts')}
          testId="shift-row"
          none={t('roster.none')}
          columns={[
            t('roster.field.person'),
            t('roster.field.role'),
            t('roster.when'),
            t('roster.where'),
            t('records.change'),
          ]}
          lines={data.shifts.map((shift) => {
            const { when, where } = describe(shift, nameOf);
            return {
              key: shift.id,
              cells: [shift.person, t(`dutyRole.${shift.role}`), when, where, actions(shift.id)],
            };
          })}
        />
        <Swaps roster={data} onWithdraw={canAct ? withdraw : undefined} />
      </Section>
      <OnDuty compound={compound.id} zone={compound.timeZone} />
      {asking !== null && (
        <AskDialog
          command={asking.kind}
          title={t(asking.kind === 'swap' ? 'roster.swap' : 'roster.add')}
          okText={t('records.save')}
          initial={asking.kind === 'swap' ? {} : { role: 'steward', on: 'every-day', from: '08:00', to: '20:00' }}
          fieldsOf={() => fields}
          pending={command.isPending}
          error={command.error}
          onSubmit={(values) => {
            const body = bodyOf(fields, values, compound.timeZone);
            if (asking.kind === 'swap')
              command.mutate({ path: path('swaps'), body: { ...body, shift: asking.shift } }, done);
            else drawUp([...data.shifts, shiftOf(body, data.shifts)]);
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
