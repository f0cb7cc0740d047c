import { Button, QRCode, Spin } from 'antd';
import { useState } from 'react';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { compoundPath } from '../../api/record-queries.ts';
import { useIntake } from '../../api/setting-queries.ts';
import { AskedButton } from '../../forms/asked-button.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { printPage } from '../../orders/print-page.ts';
import { palettes } from '../../palette.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';

/** For the door of every building: dark on light whatever the page's theme, as scanners and printers want it. */
function Notice({ name, address }: { name: string; address: string }) {
  const { t } = useWords();
  const { text, surface } = palettes.light;
  return (
    <figure className="intake-notice" data-testid="intake-notice">
      <strong>{name}</strong>
      <span aria-hidden>
        <QRCode type="svg" size={260} errorLevel="Q" color={text} bgColor={surface} value={address} />
      </span>
      <figcaption>{t('intake.scan')}</figcaption>
      <code>{address}</code>
    </figure>
  );
}

/** The address by which residents report (一键报修, 智慧投诉), as a code to print. It is told once. */
export function Intake({ compound, canAct }: OperationProps) {
  const { t } = useWords();
  const { data, error, isPending, refetch } = useIntake(compound.id);
  const issue = useOperation<{ path: string }>(queryKeys.intakes);
  const [address, setAddress] = useState<string | null>(null);
  const path = compoundPath(compound.id, 'intake-token');
  const show = (told: { path: string }) => setAddress(new URL(told.path, location.origin).href);
  if (!canAct) return <p className="quiet">{t('operations.operatorsOnly')}</p>;
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const asked = { list: queryKeys.intakes, isSmall: false };
  return (
    <Section title={t('operations.section.intake')} hint={t('intake.hint')}>
      <p data-testid="intake-state" data-open={data.open}>
        {t(data.open ? 'intake.open' : 'intake.closed')}{' '}
        {data.since !== null && <When at={data.since} zone={compound.timeZone} />}
      </p>
      {issue.error !== null && <ProblemNote error={issue.error} />}
      <div className="record-actions">
        {!data.open && (
          <Button
            type="primary"
            data-testid="issue-intake"
            loading={issue.isPending}
            onClick={() => issue.mutate({ path, body: {} }, { onSuccess: show })}
          >
            {t('intake.issue')}
          </Button>
        )}
        {address !== null && (
          <Button type="primary" data-testid="print-intake" onClick={() => printPage('notice')}>
            {t('intake.print')}
          </Button>
        )}
        {data.open && (
          <>
            <AskedButton<{ path: string }>
              {...{ ...asked, name: 'renew-intake', request: { path }, onDone: show }}
              label={t('intake.renew')}
              about={t('intake.renewAbout')}
            />
            <AskedButton
              {...{ ...asked, name: 'close-intake', request: { method: 'DELETE', path } }}
              label={t('intake.close')}
              about={t('intake.closeAbout')}
              onDone={() => setAddress(null)}
            />
          </>
        )}
      </div>
      {address !== null && (
        <>
          <p className="quiet">{t('intake.once')}</p>
          <Notice name={compound.name} address={address} />
        </>
      )}
    </Section>
  );
}
