import { Button } from 'antd';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
import {
  authorityPath,
  type CertificateItem,
  certificatePath,
  type IssuedCertificate,
  useAuthorities,
  useCertificates,
} from '../../api/certificate-queries.ts';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { saveFile } from '../../files/save-file.ts';
import { AskedButton } from '../../forms/asked-button.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { PlainTable } from '../operations/plain-table.tsx';

const pemType = 'application/x-pem-file';

/** Who signs for a compound's devices: made here, or brought from elsewhere. */
export function Authorities({ compound }: { compound: CompoundItem }) {
  const { t } = useWords();
  const list = queryKeys.authorities(compound.id);
  const { data = [], error, refetch } = useAuthorities(compound.id);
  const adding = useOperation(list);
  const path = authorityPath(compound.id);
  const fields: FieldSpec[] = [
    { name: 'certificate', kind: 'area', label: t('records.certificate.pem'), hint: t('records.certificate.pemHint') },
  ];
  return (
    <>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <PlainTable
        label={t('records.certificate.authorities')}
        testId="authority"
        none={t('records.certificate.noAuthority')}
        columns={['subject', 'origin', 'validTo', 'act'].map((name) => t(`records.certificate.column.${name}`))}
        lines={data.map(({ authority, subject, origin, validTo }) => ({
          key: authority,
          cells: [
            subject,
            t(`records.certificate.origin.${origin}`),
            <When key="to" at={validTo} zone={compound.timeZone} />,
            <AskedButton
              key="act"
              name="remove-authority"
              label={t('records.certificate.remove')}
              about={t('records.certificate.removeAbout')}
              request={{ method: 'DELETE', path: authorityPath(compound.id, authority) }}
              list={list}
            />,
          ],
        }))}
      />
      <p className="record-actions">
        <Button
          data-testid="make-authority"
          loading={adding.isPending}
          onClick={() => adding.mutate({ path, body: {} })}
        >
          {t('records.certificate.make')}
        </Button>
      </p>
      <RecordForm
        name="bring-authority"
        fields={fields.map((field) => ({ ...field, required: true }))}
        submitLabel={t('records.certificate.bring')}
        pending={adding.isPending}
        error={adding.error}
        onSubmit={(values, done) =>
          adding.mutate({ path, body: bodyOf(fields, values, compound.timeZone) }, { onSuccess: done })
        }
      />
    </>
  );
}

const countsNow = ({ revokedAt, validTo }: CertificateItem, now: number): boolean =>
  revokedAt === null && (validTo === null || Date.parse(validTo) > now);

/** A device's certificates, with when it last came with each, so that the former one is revoked when it is done with. */
export function DeviceCertificates({ device, zone }: { device: string; zone: string }) {
  const { t } = useWords();
  const list = queryKeys.deviceCertificates(device);
  const { data = [], error, refetch, dataUpdatedAt } = useCertificates(device);
  const issuing = useOperation<IssuedCertificate>(list);
  const time = (at: string | null, otherwise: string) => (at === null ? otherwise : <When at={at} zone={zone} />);
  const save = ({ serial, certificate, key }: IssuedCertificate) => {
    saveFile(`${device}-${serial}.crt`, pemType, certificate);
    if (key !== null) saveFile(`${device}-${serial}.key`, pemType, key);
  };
  return (
    <section aria-label={t('records.certificate.title')}>
      <h3>{t('records.certificate.title')}</h3>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <PlainTable
        label={t('records.certificate.title')}
        testId="certificate"
        none={t('records.certificate.none')}
        columns={['serial', 'validTo', 'usedAt', 'act'].map((name) => t(`records.certificate.column.${name}`))}
        lines={data.map((item) => ({
          key: item.serial,
          cells: [
            <code key="serial">{item.serial}</code>,
            time(item.validTo, '—'),
            time(item.usedAt, t('records.certificate.never')),
            countsNow(item, dataUpdatedAt) ? (
              <AskedButton
                key="act"
                name="revoke-certificate"
                label={t('records.certificate.revoke')}
                about={t('records.certificate.revokeAbout')}
                request={{ method: 'DELETE', path: certificatePath(device, item.serial) }}
                list={list}
              />
            ) : (
              t(item.revokedAt === null ? 'records.certificate.ended' : 'records.certificate.revoked')
            ),
          ],
        }))}
      />
      {issuing.error !== null && <ProblemNote error={issuing.error} />}
      <p className="record-actions">
        <Button
          data-testid="issue-certificate"
          loading={issuing.isPending}
          onClick={() => issuing.mutate({ path: certificatePath(device), body: {} }, { onSuccess: save })}
        >
          {t('records.certificate.issue')}
        </Button>
        <span className="quiet">{t('records.certificate.issueHint')}</span>
      </p>
    </section>
  );
}
