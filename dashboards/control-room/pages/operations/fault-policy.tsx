import { Alert, Button, Spin } from 'antd';
import { useState } from 'react';
import type { BackTest } from '../../../../services/work-orders/fault-back-test.ts';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { type PolicyInForce, useBackTest, useFaultPolicy } from '../../api/setting-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { useNow } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { dayOf, endOfDay, instantOf } from '../../locales/instant.ts';
import { When } from '../../locales/when.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import { BackTestResult } from './back-test-result.tsx';
import type { OperationProps } from './operation-props.ts';

const dayMs = 86_400_000;
const daysTested = 30;

function SwitchOn({ policy, replaces, onClose }: { policy: string; replaces: number; onClose: () => void }) {
  const { t } = useWords();
  const command = useOperation(queryKeys.faultPolicy);
  const fields: FieldSpec[] = [{ name: 'reason', kind: 'area', required: true, label: t('policy.reason') }];
  return (
    <AskDialog
      command="switch-policy-on"
      title={t('policy.switchOn')}
      about={t('policy.switchOnAbout')}
      okText={t('policy.switchOn')}
      fieldsOf={() => fields}
      pending={command.isPending}
      error={command.error}
      onSubmit={(values) =>
        command.mutate(
          { method: 'PUT', path: '/api/fault-policy', body: { ...bodyOf(fields, values, ''), policy, replaces } },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
    />
  );
}

/** A draft, what it would have raised in the last month, and only then the switch. */
function Draft({ inForce, compound, canAct, isAdmin }: OperationProps & { inForce: PolicyInForce }) {
  const { t } = useWords();
  const now = useNow(60_000);
  const [text, setText] = useState(inForce.policy);
  const [tested, setTested] = useState<{ policy: string; result: BackTest } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const test = useBackTest();
  const zone = compound.timeZone;
  const period = (): { from: string; to: string } => {
    const day = (ms: number) => dayOf(new Date(ms).toISOString(), zone);
    return { from: instantOf(`${day(now - daysTested * dayMs)}T00:00`, zone), to: endOfDay(day(now), zone) };
  };
  const isTested = tested !== null && tested.policy === text;
  return (
    <Section title={t('policy.draft')} hint={t('policy.hint')}>
      <textarea
        className="policy-text"
        data-testid="policy-text"
        aria-label={t('policy.draft')}
        spellCheck={false}
        readOnly={!canAct}
        rows={22}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      {test.error !== null && <ProblemNote error={test.error} />}
      {canAct && (
        <div className="record-actions">
          <Button
            type={isTested ? 'default' : 'primary'}
            data-testid="back-test"
            loading={test.isPending}
            onClick={() =>
              test.mutate({ policy: text, ...period() }, { onSuccess: (result) => setTested({ policy: text, result }) })
            }
          >
            {t('policy.test', { n: daysTested })}
          </Button>
          {isAdmin && (
            <Button
              type={isTested ? 'primary' : 'default'}
              data-testid="switch-on"
              disabled={!isTested || text === inForce.policy}
              onClick={() => setAsking(true)}
            >
              {t('policy.switchOn')}
            </Button>
          )}
          {text !== inForce.policy && (
            <Button data-testid="policy-undo" onClick={() => setText(inForce.policy)}>
              {t('policy.undo')}
            </Button>
          )}
        </div>
      )}
      {tested !== null && !isTested && <p className="quiet">{t('policy.changedSince')}</p>}
      {tested !== null && <BackTestResult result={tested.result} zone={zone} />}
      {isAsking && (
        <SwitchOn
          policy={text}
          replaces={inForce.version}
          onClose={() => {
            setAsking(false);
            setTested(null);
          }}
        />
      )}
    </Section>
  );
}

/** By what rules a fault becomes an order. */
export function FaultPolicy(props: OperationProps) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useFaultPolicy();
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const { version, switchedOnAt, by, reason, problems } = data;
  return (
    <div className="record-section">
      <p data-testid="policy-version">
        <strong>{version === 0 ? t('policy.shipped') : t('policy.version', { n: version })}</strong>{' '}
        {switchedOnAt !== null && <When at={switchedOnAt} zone={props.compound.timeZone} />} {by?.replace('user:', '')}{' '}
        {reason}
      </p>
      {problems.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={t('policy.notInForce')}
          description={problems.map(({ line, field, message }) => (
            <p key={`${line} ${field} ${message}`}>
              {line} <code>{field}</code> {message}
            </p>
          ))}
        />
      )}
      <Draft key={version} inForce={data} {...props} />
    </div>
  );
}
