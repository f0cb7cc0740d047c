import { Button } from 'antd';
import { useState } from 'react';
import { type Adoption, adoptPath, type HeardUnknown, useHeardUnknown } from '../../api/integrator-queries.ts';
import { useOperation } from '../../api/operation-queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { SecretOnce } from '../../forms/secret-once.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { PlainTable } from '../operations/plain-table.tsx';
import { Section } from '../records/section.tsx';

const kinds = ['access-gate', 'charging-post', 'camera', 'sensor', 'gateway'];
const needed = ['id', 'compound', 'kind', 'name'] as const;

/** Whatever has to be said before it can be registered. */
function useMissing() {
  const { t } = useWords();
  const { compounds } = useCompound();
  return ({ suggested }: HeardUnknown): FieldSpec[] => {
    const all: Record<(typeof needed)[number], FieldSpec> = {
      id: { name: 'id', kind: 'text', required: true, lengthMax: 64, label: t('integrator.id') },
      compound: {
        ...{ name: 'compound', kind: 'choice', required: true, label: t('shell.compound') },
        options: compounds.map(({ id, name }) => ({ value: id, label: name })),
      },
      kind: {
        ...{ name: 'kind', kind: 'choice', required: true, label: t('integrator.kind') },
        options: kinds.map((value) => ({ value, label: t(`kind.${value}`) })),
      },
      name: { name: 'name', kind: 'text', required: true, lengthMax: 100, label: t('target.field.name') },
    };
    return needed.filter((name) => suggested[name] === undefined).map((name) => all[name]);
  };
}

/** Who speaks and is registered nowhere: one click where everything is known, else what is missing is asked. */
export function HeardUnknownList({ compound, zone }: { compound: string | undefined; zone: string }) {
  const { t, say, word } = useWords();
  const { data = [], error, refetch } = useHeardUnknown(compound);
  const adopt = useOperation<Adoption>(queryKeys.integrators);
  const [asking, setAsking] = useState<HeardUnknown | null>(null);
  const [adopted, setAdopted] = useState<Adoption | null>(null);
  const missingOf = useMissing();
  const send = ({ id }: HeardUnknown, body: Record<string, unknown>) =>
    adopt.mutate(
      { path: adoptPath(id), body },
      {
        onSuccess: (answer) => {
          setAdopted(answer);
          setAsking(null);
        },
      },
    );
  const credential = adopted?.credential;
  return (
    <Section title={t('integrator.heard')} hint={t('integrator.heardHint')}>
      <SecretOnce
        secret={credential === undefined ? null : `${credential.username} ${credential.password}`}
        testId="adopted-credential"
        onClose={() => setAdopted(null)}
      />
      {adopted !== null && (
        <p role="status" data-testid="adopted">
          {t('integrator.adopted', { name: adopted.name, recorded: adopted.replayed.recorded })}
        </p>
      )}
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {adopt.error !== null && asking === null && <ProblemNote error={adopt.error} />}
      <PlainTable
        label={t('integrator.heard')}
        testId="heard-unknown"
        none={t('integrator.nobodyHeard')}
        columns={[
          t('target.field.name'),
          t('integrator.why'),
          t('integrator.count'),
          t('integrator.newest'),
          t('records.change'),
        ]}
        lines={data.map((item) => ({
          key: item.id,
          cells: [
            <span key="name">
              <strong>{item.name}</strong>{' '}
              <span className="quiet">
                {word('heardSource', item.source)} {item.through}
              </span>
            </span>,
            say(item.why),
            item.messages === null ? '–' : String(item.messages),
            item.lastAt === null ? '–' : <When key="at" at={item.lastAt} zone={zone} />,
            <Button
              key="adopt"
              size="small"
              data-testid="adopt"
              loading={adopt.isPending}
              onClick={() => (missingOf(item).length === 0 ? send(item, {}) : setAsking(item))}
            >
              {t('integrator.adopt')}
            </Button>,
          ],
        }))}
      />
      {asking !== null && (
        <AskDialog
          command="adopt"
          title={t('integrator.adopt')}
          about={asking.said === null ? asking.name : `${asking.name} · ${asking.said.topic}`}
          okText={t('integrator.adopt')}
          fieldsOf={() => missingOf(asking)}
          pending={adopt.isPending}
          error={adopt.error}
          onSubmit={(values, fields) => send(asking, bodyOf(fields, values, zone))}
          onClose={() => {
            adopt.reset();
            setAsking(null);
          }}
        />
      )}
    </Section>
  );
}
