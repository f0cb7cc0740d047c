import { Button, Spin } from 'antd';
import { useState } from 'react';
import { useLadder } from '../../api/matter-queries.ts';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { contactPath, useContacts, useQuietHours } from '../../api/setting-queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { AskedButton } from '../../forms/asked-button.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { SecretOnce } from '../../forms/secret-once.tsx';
import { useWords } from '../../locales/i18n.ts';
import { usePeople } from '../../orders/use-people.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import { PlainTable } from './plain-table.tsx';

type Asking = { person: string; email?: string | null; webhook?: string | null };

/** Where people are told of orders; whoever stands on a roster and not here is told by the compound's topic alone. */
export function Contacts() {
  const { t } = useWords();
  const { selected } = useCompound();
  const { data, error, isPending, refetch } = useContacts();
  const quiet = useQuietHours().data;
  const people = usePeople(selected?.id);
  // Notices of the ladder go to these under the names that it has for them.
  const offices = (useLadder().data?.departments ?? []).map(({ title }) => title.zh);
  const street = selected?.district === undefined ? [] : [selected.district];
  const put = useOperation<{ secret: string | null }>(queryKeys.contacts);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const fields: FieldSpec[] = [
    {
      ...{ name: 'person', kind: 'text', required: true, lengthMax: 100, label: t('roster.field.person') },
      suggestions: [...people, ...street, ...offices].filter((name) => !data.some(({ person }) => person === name)),
      hint: t('contact.personHint'),
    },
    { name: 'email', kind: 'text', lengthMax: 254, label: t('contact.email') },
    { name: 'webhook', kind: 'text', lengthMax: 1000, label: t('contact.webhook'), hint: t('contact.webhookHint') },
  ];
  return (
    <div className="record-section">
      <SecretOnce secret={secret} testId="contact-secret" onClose={() => setSecret(null)} />
      <Section
        title={t('operations.section.contacts')}
        hint={quiet === undefined ? t('contact.hint') : `${t('contact.hint')} ${t('contact.quietHours', { ...quiet })}`}
      >
        <div className="record-actions">
          <Button type="primary" data-testid="add-contact" onClick={() => setAsking({ person: '' })}>
            {t('contact.add')}
          </Button>
        </div>
        <PlainTable
          label={t('operations.section.contacts')}
          testId="contact-row"
          none={t('contact.none')}
          columns={[t('roster.field.person'), t('contact.email'), t('contact.webhook'), t('records.change')]}
          lines={data.map(({ person, email, webhook }) => ({
            key: person,
            cells: [
              person,
              email ?? '–',
              webhook ?? '–',
              <span key="actions" className="record-actions">
                <Button size="small" data-testid="change-contact" onClick={() => setAsking({ person, email, webhook })}>
                  {t('contact.change')}
                </Button>
                <AskedButton
                  name="erase-contact"
                  label={t('contact.erase')}
                  about={t('contact.eraseAbout', { person })}
                  request={{ method: 'DELETE', path: contactPath(person) }}
                  list={queryKeys.contacts}
                />
              </span>,
            ],
          }))}
        />
      </Section>
      {asking !== null && (
        <AskDialog
          command="put-contact"
          title={t(asking.person === '' ? 'contact.add' : 'contact.change')}
          okText={t('records.save')}
          initial={{ ...asking }}
          fieldsOf={() => fields}
          pending={put.isPending}
          error={put.error}
          onSubmit={(values) => {
            const { person, ...body } = bodyOf(fields, values, '');
            put.mutate(
              { path: contactPath(String(person)), body },
              {
                onSuccess: ({ secret: told }) => {
                  setSecret(told);
                  setAsking(null);
                },
              },
            );
          }}
          onClose={() => {
            put.reset();
            setAsking(null);
          }}
        />
      )}
    </div>
  );
}
