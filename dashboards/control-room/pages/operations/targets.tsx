import { Button, Spin } from 'antd';
import { useState } from 'react';
import type { TargetItem } from '../../../../services/outbound/target-queries.ts';
import { targetPath, useDeadLetters, useOperation, useTargets } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { AskedButton } from '../../forms/asked-button.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { SecretOnce } from '../../forms/secret-once.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import { PlainTable } from './plain-table.tsx';

/** Of no compound: the zone of the first. */
const useZone = (): string => {
  const { selected, compounds } = useCompound();
  return (selected ?? compounds[0])?.timeZone ?? 'Asia/Shanghai';
};

/** What went wrong with a target, or that nothing did. */
function Standing({ target, zone }: { target: TargetItem; zone: string }) {
  const { t } = useWords();
  const { status, breaker, failingSince, nextTryAt, lastAnswer, lastTakenAt } = target;
  if (status === 'paused') return <span className="tag">{t('target.paused')}</span>;
  return (
    <>
      {breaker !== 'closed' && <span className="tag tag-warn">{t(`target.breaker.${breaker}`)}</span>}
      {failingSince !== null && (
        <span className="is-bad">
          {' '}
          {t('target.failingSince')} <When at={failingSince} zone={zone} /> {lastAnswer}
          {nextTryAt !== null && (
            <>
              {' '}
              {t('target.nextTry')} <When at={nextTryAt} zone={zone} />
            </>
          )}
        </span>
      )}
      {failingSince === null && lastTakenAt !== null && (
        <span className="quiet">
          {t('target.lastTaken')} <When at={lastTakenAt} zone={zone} />
        </span>
      )}
    </>
  );
}

function DeadLetters({ target, zone }: { target: TargetItem; zone: string }) {
  const { t, word } = useWords();
  const { data, error } = useDeadLetters(target.id);
  const replay = useOperation(queryKeys.targets);
  const path = targetPath(target.id, 'dead-letters', 'replay');
  return (
    <Section title={t('target.deadLettersOf', { name: target.name })}>
      {error !== null && <ProblemNote error={error} />}
      {replay.error !== null && <ProblemNote error={replay.error} />}
      {(data ?? []).some(({ state }) => state === 'dead') && (
        <div className="record-actions">
          <Button data-testid="replay-all" loading={replay.isPending} onClick={() => replay.mutate({ path, body: {} })}>
            {t('target.replayAll')}
          </Button>
        </div>
      )}
      <PlainTable
        label={t('target.deadLettersOf', { name: target.name })}
        testId="dead-letter"
        none={t('target.noDeadLetters')}
        columns={[
          t('target.column.order'),
          t('target.column.event'),
          t('target.column.reason'),
          t('target.column.diedAt'),
          t('target.column.state'),
          t('records.change'),
        ]}
        lines={(data ?? []).map(({ event, order, type, reason, diedAt, state }) => ({
          key: event,
          cells: [
            order,
            word('event', type),
            reason,
            <When key="at" at={diedAt} zone={zone} />,
            t(`target.letter.${state}`),
            state === 'dead' && (
              <Button
                key="replay"
                size="small"
                data-testid="replay-one"
                onClick={() => replay.mutate({ path, body: { events: [event] } })}
              >
                {t('target.replay')}
              </Button>
            ),
          ],
        }))}
      />
    </Section>
  );
}

function Register({ onClose, onSecret }: { onClose: () => void; onSecret: (secret: string) => void }) {
  const { t } = useWords();
  const { compounds } = useCompound();
  const register = useOperation<{ secret: string }>(queryKeys.targets);
  const fields: FieldSpec[] = [
    { name: 'name', kind: 'text', required: true, lengthMax: 100, label: t('target.field.name') },
    { name: 'url', kind: 'text', required: true, lengthMax: 1000, label: t('target.field.url') },
    {
      ...{ name: 'compounds', kind: 'choices', label: t('target.field.compounds'), hint: t('target.allCompounds') },
      options: compounds.map(({ id, name }) => ({ value: id, label: name })),
    },
  ];
  return (
    <AskDialog
      command="register-target"
      title={t('target.register')}
      okText={t('target.register')}
      fieldsOf={() => fields}
      pending={register.isPending}
      error={register.error}
      onSubmit={(values) =>
        register.mutate(
          { path: '/api/work-order-targets', body: bodyOf(fields, values, '') },
          {
            onSuccess: ({ secret }) => {
              onSecret(secret);
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    />
  );
}

/** The secret and the end of a target are an administrator's; a connector is the settings' own. */
function TargetActions({
  target,
  isAdmin,
  onCommand,
  onOpen,
  onSecret,
}: {
  target: TargetItem;
  isAdmin: boolean;
  onCommand: (path: string) => void;
  onOpen: () => void;
  onSecret: (secret: string) => void;
}) {
  const { t } = useWords();
  const { id, name, kind, status, deadLetters } = target;
  const turn = status === 'paused' ? 'resume' : 'pause';
  return (
    <span className="record-actions">
      {kind === 'webhook' && (
        <Button size="small" data-testid={`${turn}-target`} onClick={() => onCommand(targetPath(id, turn))}>
          {t(status === 'paused' ? 'target.resume' : 'target.pause')}
        </Button>
      )}
      <Button size="small" data-testid="open-dead-letters" onClick={onOpen}>
        {t('target.deadLetters', { n: deadLetters })}
      </Button>
      {isAdmin && kind === 'webhook' && (
        <>
          <AskedButton<{ secret: string }>
            name="rotate-secret"
            label={t('target.rotate')}
            about={t('target.rotateAbout', { name })}
            request={{ path: targetPath(id, 'rotate-secret') }}
            list={queryKeys.targets}
            onDone={({ secret }) => onSecret(secret)}
          />
          <AskedButton
            name="remove-target"
            label={t('records.remove')}
            about={t('target.removeAbout', { name })}
            request={{ method: 'DELETE', path: targetPath(id) }}
            list={queryKeys.targets}
          />
        </>
      )}
    </span>
  );
}

/** Which systems are told of orders, and what each has and hasn't taken. */
export function Targets({ isAdmin }: { isAdmin: boolean }) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useTargets();
  const command = useOperation(queryKeys.targets);
  const [opened, setOpened] = useState<string | null>(null);
  const [isRegistering, setRegistering] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const zone = useZone();
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const letters = data.find(({ id }) => id === opened);
  return (
    <div className="record-section">
      <SecretOnce secret={secret} testId="target-secret" onClose={() => setSecret(null)} />
      <Section title={t('operations.section.targets')} hint={t('target.hint')}>
        {isAdmin && (
          <div className="record-actions">
            <Button type="primary" data-testid="register-target" onClick={() => setRegistering(true)}>
              {t('target.register')}
            </Button>
          </div>
        )}
        {command.error !== null && <ProblemNote error={command.error} />}
        <PlainTable
          label={t('operations.section.targets')}
          testId="target-row"
          none={t('target.none')}
          columns={[
            t('target.field.name'),
            t('target.column.standing'),
            t('target.column.delivered'),
            t('target.column.waiting'),
            t('records.change'),
          ]}
          lines={data.map((target) => ({
            key: target.id,
            cells: [
              <span key="name">
                <strong>{target.name}</strong> <span className="quiet">{target.url}</span>
                {target.troubles.map(({ order, text }) => (
                  <span key={order} className="timeline-note is-bad">
                    {order} {text}
                  </span>
                ))}
              </span>,
              <Standing key="standing" target={target} zone={zone} />,
              String(target.delivered),
              target.waiting === null ? (
                t('target.nothingWaits')
              ) : (
                <span key="waiting" className={target.failingSince === null ? '' : 'is-bad'}>
                  {t(target.waiting.more ? 'target.waitingMore' : 'target.waitingCount', { n: target.waiting.count })}{' '}
                  <When at={target.waiting.since} zone={zone} ago />
                </span>
              ),
              <TargetActions
                key="actions"
                {...{ target, isAdmin }}
                onCommand={(path) => command.mutate({ path, body: {} })}
                onOpen={() => setOpened(target.id)}
                onSecret={setSecret}
              />,
            ],
          }))}
        />
      </Section>
      {letters !== undefined && <DeadLetters target={letters} zone={zone} />}
      {isRegistering && <Register onClose={() => setRegistering(false)} onSecret={setSecret} />}
    </div>
  );
}
