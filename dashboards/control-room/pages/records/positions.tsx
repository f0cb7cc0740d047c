import { Button, Input, Popconfirm, Select } from 'antd';
import { useState } from 'react';

import type { CompoundItem } from '../../../../services/api/schemas.ts';
import { ApiProblem } from '../../api/client.ts';
import { compoundPath, type ImportReport, useImportPositions, useRegisterCommand } from '../../api/record-queries.ts';
import { csvRow } from '../../files/csv-row.ts';
import { bodyOf, type FieldSpec } from '../../forms/field-spec.ts';
import { RecordForm } from '../../forms/record-form.tsx';
import { useWords } from '../../locales/i18n.ts';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Buildings } from './buildings.tsx';
import { positionKinds } from './register-lists.ts';
import { Section } from './section.tsx';
import type { SectionProps } from './section-props.ts';

type Position = CompoundItem['positions'][number];
const shownMax = 200;

/** The import tells of a refused row in its report; here it is a refused field like any other. */
const refusalOf = ({ problems }: ImportReport): Error | null =>
  problems.length === 0
    ? null
    : new ApiProblem({
        code: 'input.invalid',
        status: 422,
        detail: problems.map(({ message }) => message).join('; '),
        fields: problems,
      });

function AddPosition({ compound, kind, edited }: { compound: CompoundItem; kind: string; edited: Position | null }) {
  const { t } = useWords();
  const command = useImportPositions(compound.id);
  const fields: FieldSpec[] = [
    { name: 'id', label: t('records.position.id'), kind: 'text', required: true, hint: t('records.position.idHint') },
    {
      name: 'kind',
      label: t('records.position.kind'),
      kind: 'choice',
      required: true,
      options: positionKinds.map((value) => ({ value, label: t(`position.${value}`) })),
    },
    { name: 'name', label: t('records.position.name'), kind: 'text', required: true },
    {
      name: 'building',
      label: t('records.position.building'),
      kind: 'choice',
      options: compound.buildings.map(({ id, name }) => ({ value: id, label: name })),
    },
  ];
  return (
    <RecordForm
      key={`${edited?.id ?? ''} ${kind}`}
      name="position"
      fields={fields}
      initial={edited ?? (kind === '' ? {} : { kind })}
      submitLabel={t(edited === null ? 'records.position.add' : 'records.save')}
      pending={command.isPending}
      error={command.error ?? (command.data === undefined ? null : refusalOf(command.data))}
      onSubmit={(values, done) => {
        const body = bodyOf(fields, values, compound.timeZone);
        const cell = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
        const names = fields.map(({ name }) => name);
        const csv = `${csvRow(names)}\n${csvRow(names.map(cell))}\n`;
        command.mutate(
          { csv, dryRun: false },
          {
            onSuccess: ({ applied }) => {
              if (applied && edited === null) done();
            },
          },
        );
      }}
    />
  );
}

function ImportPositions({ compound }: { compound: CompoundItem }) {
  const { t } = useWords();
  const command = useImportPositions(compound.id);
  const [csv, setCsv] = useState('');
  const { data, error, isPending } = command;
  return (
    <>
      <label className="field-label" htmlFor="positions-csv">
        {t('records.position.csv')}
      </label>
      <Input.TextArea
        id="positions-csv"
        rows={5}
        value={csv}
        placeholder="id,kind,name,building"
        onChange={(event) => setCsv(event.target.value)}
      />
      <p className="record-actions">
        <Button loading={isPending} onClick={() => command.mutate({ csv, dryRun: true })}>
          {t('records.position.check')}
        </Button>
        <Button loading={isPending} onClick={() => command.mutate({ csv, dryRun: false })}>
          {t('records.position.import')}
        </Button>
      </p>
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && (
        <p role="status">
          {t(data.applied ? 'records.position.imported' : 'records.position.checked', {
            rows: data.rows,
            problems: data.problems.length,
          })}
        </p>
      )}
      <ul className="plain">
        {data?.problems.map(({ line, field, message }) => (
          <li key={`${line} ${field} ${message}`} className="is-bad">
            {t('records.position.line', { line })} <code>{field}</code> {message}
          </li>
        ))}
      </ul>
    </>
  );
}

function PositionTable({
  compound,
  shown,
  onEdit,
}: {
  compound: CompoundItem;
  shown: Position[];
  onEdit: ((position: Position) => void) | undefined;
}) {
  const { t } = useWords();
  const command = useRegisterCommand();
  const buildings = new Map(compound.buildings.map(({ id, name }) => [id, name]));
  const remove = (gone: Position) =>
    command.mutate({
      method: 'PATCH',
      path: compoundPath(compound.id),
      body: { positions: compound.positions.filter(({ id }) => id !== gone.id) },
    });
  return (
    <>
      {command.error !== null && <ProblemNote error={command.error} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="record-table" tabIndex={0} aria-label={t('records.position.table')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('records.position.name')}</th>
              <th scope="col">{t('records.position.kind')}</th>
              <th scope="col">{t('records.position.building')}</th>
              {onEdit !== undefined && <th scope="col">{t('records.change')}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, shownMax).map((position) => (
              <tr key={position.id} data-testid="position-row">
                <td>
                  {position.name} <code className="quiet small">{position.id}</code>
                </td>
                <td>{t(`position.${position.kind}`)}</td>
                <td>{buildings.get(position.building ?? '') ?? ''}</td>
                {onEdit !== undefined && (
                  <td>
                    <div className="record-actions">
                      <Button size="small" onClick={() => onEdit(position)}>
                        {t('records.edit')}
                      </Button>
                      <Popconfirm
                        title={t('records.position.removeAsk', { name: position.name })}
                        okText={t('records.remove')}
                        cancelText={t('action.back')}
                        onConfirm={() => remove(position)}
                      >
                        <Button size="small">{t('records.remove')}</Button>
                      </Popconfirm>
                    </div>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length > shownMax && (
        <p className="no-data">{t('records.position.cut', { shown: shownMax, total: shown.length })}</p>
      )}
    </>
  );
}

/** Where devices must stand. A position without a device is a gap in coverage, so all of them are registered. */
export function Positions({ compound, canAct }: SectionProps) {
  const { t } = useWords();
  const [kind, setKind] = useState('');
  const [search, setSearch] = useState('');
  const [edited, setEdited] = useState<Position | null>(null);
  const shown = compound.positions.filter(
    (position) =>
      (kind === '' || position.kind === kind) && (position.name.includes(search) || position.id.includes(search)),
  );
  const count = (one: string) => compound.positions.filter((position) => position.kind === one).length;
  return (
    <>
      {canAct && (
        <Section
          title={t(edited === null ? 'records.position.addTitle' : 'records.position.editTitle')}
          hint={t('records.position.hint')}
        >
          {edited !== null && (
            <Button size="small" onClick={() => setEdited(null)}>
              {t('records.position.another')}
            </Button>
          )}
          <AddPosition compound={compound} kind={kind} edited={edited} />
          <details>
            <summary>{t('records.position.importTitle')}</summary>
            <ImportPositions compound={compound} />
          </details>
          <details>
            <summary>{t('records.building.title', { n: compound.buildings.length })}</summary>
            <Buildings compound={compound} />
          </details>
        </Section>
      )}
      <Section title={t('records.position.list')}>
        <search className="record-actions" aria-label={t('orders.filters')}>
          <Select
            className="filter-select"
            aria-label={t('records.position.kind')}
            data-testid="position-kind"
            popupMatchSelectWidth={false}
            value={kind}
            onChange={setKind}
            options={[
              { value: '', label: t('records.position.all', { n: compound.positions.length }) },
              ...positionKinds.map((one) => ({ value: one, label: `${t(`position.${one}`)} (${count(one)})` })),
            ]}
          />
          <Input
            allowClear
            className="search"
            aria-label={t('records.position.search')}
            placeholder={t('records.position.search')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </search>
        <PositionTable compound={compound} shown={shown} onEdit={canAct ? setEdited : undefined} />
      </Section>
    </>
  );
}
