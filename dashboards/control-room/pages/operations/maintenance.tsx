import { Button, Spin } from 'antd';
import { useMaintenance, useOperation } from '../../api/operation-queries.ts';
import { useDevices } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';

const kinds = ['access-gate', 'charging-post', 'camera', 'sensor', 'gateway'];

/** Maintenance windows: faults in them raise no order, and what stands at the end is raised then. */
export function Maintenance({ compound, canAct }: OperationProps) {
  const { t, word } = useWords();
  const now = useNow(10_000);
  const { data, error, isPending, refetch } = useMaintenance(compound.id);
  const devices = useDevices(compound.id).data?.items ?? [];
  const plan = useOperation(queryKeys.maintenance);
  const cancel = useOperation(queryKeys.maintenance);
  const zone = compound.timeZone;
  const options = (list: typeof devices) => list.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
  const fields: FieldSpec[] = [
    { name: 'from', kind: 'instant', required: true, label: t('records.gap.from') },
    { name: 'to', kind: 'instant', required: true, label: t('records.gap.to') },
    { name: 'devices', kind: 'choices', label: t('maintenance.devices'), options: options(devices) },
    {
      ...{ name: 'gateway', kind: 'choice', label: t('maintenance.gateway'), hint: t('maintenance.gatewayHint') },
      options: options(devices.filter(({ kind }) => kind === 'gateway')),
    },
    {
      ...{ name: 'kinds', kind: 'choices', label: t('maintenance.kinds'), hint: t('maintenance.scopeHint') },
      options: kinds.map((value) => ({ value, label: t(`kind.${value}`) })),
    },
    { name: 'reason', kind: 'area', required: true, label: t('maintenance.reason') },
  ];
  const nameOf = (id: string) => devices.find((device) => device.id === id)?.name ?? id;
  return (
    <div className="records-body">
      {canAct && (
        <Section title={t('maintenance.plan')} hint={t('maintenance.hint')}>
          <RecordForm
            name="maintenance"
            fields={fields}
            submitLabel={t('maintenance.submit')}
            pending={plan.isPending}
            error={plan.error}
            onSubmit={(values, done) =>
              plan.mutate(
                { path: '/api/maintenance', body: { ...bodyOf(fields, values, zone), compound: compound.id } },
                { onSuccess: done },
              )
            }
          />
        </Section>
      )}
      <Section title={t('maintenance.list')}>
        {isPending && <Spin delay={300} />}
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {cancel.error !== null && <ProblemNote error={cancel.error} />}
        <PlainTable
          label={t('maintenance.list')}
          testId="maintenance-row"
          none={t('maintenance.none')}
          columns={[t('maintenance.when'), t('maintenance.where'), t('maintenance.reason'), t('records.change')]}
          lines={(data ?? []).map(({ id, from, to, reason, cancelledAt, ...scope }) => {
            const where = [
              ...(scope.devices ?? []).map(nameOf),
              ...(scope.gateway === undefined ? [] : [nameOf(scope.gateway)]),
              ...(scope.kinds ?? []).map((kind) => word('kind', kind)),
            ];
            const isOver = cancelledAt !== null || Date.parse(to) <= now;
            return {
              key: id,
              cells: [
                `${absoluteTime(from, zone)} – ${absoluteTime(cancelledAt ?? to, zone)}`,
                where.length === 0 ? t('maintenance.everything') : where.join(t('list.separator')),
                reason,
                isOver ? (
                  <span key="over" className="quiet">
                    {t(cancelledAt === null ? 'maintenance.over' : 'maintenance.ended')}
                  </span>
                ) : (
                  canAct && (
                    <Button
                      key="cancel"
                      size="small"
                      data-testid="end-maintenance"
                      onClick={() =>
                        cancel.mutate({ path: `/api/maintenance/${encodeURIComponent(id)}/cancel`, body: {} })
                      }
                    >
                      {t('maintenance.end')}
                    </Button>
                  )
                ),
              ],
            };
          })}
        />
      </Section>
    </div>
  );
}
