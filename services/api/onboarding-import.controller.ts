import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { checkDevice, type RegistryParts, registerDevices } from '../registry/commands.ts';
import { issueCredentials } from '../registry/credential-commands.ts';
import { inTurns } from '../registry/hanging.ts';
import { type Device, device } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { chosenDevices, devicesChosen, type FileResponse, secretFile } from './chosen-devices.ts';
import { type CheckedRows, readCsv } from './csv.ts';
import { csvText } from './csv-text.ts';
import { excelType, readExcel } from './excel.ts';
import { commandMeta } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { problemOfRow, rowProblem } from './problem.ts';
import { importReport } from './schemas.ts';

const newDevice = device.omit({ adopted: true });
const importQuery = z.strictObject({
  dryRun: z.stringbool().default(false),
  /** `csv`: an import that was applied answers the credentials as a file. */
  format: z.enum(['json', 'csv']).default('json'),
});

const importCsv = operation({
  method: 'post',
  path: '/api/devices/import',
  summary:
    'Register devices from CSV with a header of the same names, a gateway and what hangs on it in any order; lists within a cell are separated by ;. Their MQTT passwords are told in this answer only',
  role: 'operator',
  query: importQuery,
  body: z.string(),
  bodyType: 'text/csv',
  answer: importReport,
  alsoAnswers: 'text/csv',
});
const importExcel = operation({
  method: 'post',
  path: '/api/devices/import/excel',
  summary: 'The same from the first sheet of an Excel file',
  role: 'operator',
  query: importQuery,
  body: z
    .unknown()
    .refine((body) => Buffer.isBuffer(body), { error: `an Excel file, sent as ${excelType}` })
    .transform((body) => body as Buffer),
  bodyType: excelType,
  answer: importReport,
  alsoAnswers: 'text/csv',
});
const exported = operation({
  method: 'post',
  path: '/api/devices/credentials',
  summary:
    'Issue new MQTT passwords for many devices and answer them this once, as a file; with `formerHours` the old ones count beside them',
  role: 'operator',
  body: z.strictObject({
    ...chosenDevices,
    formerHours: z.number().min(0).max(720).default(0),
  }),
  answerType: 'text/csv',
});

type Report = z.infer<typeof importReport>;
type NewDevice = z.infer<typeof newDevice>;

/** The registry as it will be: a gateway may stand in the same file as the devices beneath it. */
const withFile = ({ index, dialects, log, clock }: ApiParts, rows: CheckedRows<NewDevice>['rows']): RegistryParts => {
  const registeredAt = isoTime(clock.now());
  const inFile = new Map(rows.map(({ row }) => [row.id, { ...row, adopted: false, registeredAt, retiredAt: null }]));
  return { log, dialects, index: { ...index, device: (id) => index.device(id) ?? inFile.get(id) } };
};

/** What the registry says of each row, and what the rows say of each other. */
const checkTogether = (parts: ApiParts, { rows, problems }: CheckedRows<NewDevice>): void => {
  const registry = withFile(parts, rows);
  const circular = new Set(inTurns(rows.map(({ row }) => row)).left);
  const seen = new Set<string>();
  const outside = new Set<string>();
  for (const { line, row } of rows) {
    if (seen.has(row.id) || parts.index.device(row.id)) {
      problems.push({ line, field: 'id', message: `${row.id} is registered already or named twice in the file` });
    }
    seen.add(row.id);
    const own = JSON.stringify([row.compound, row.dialect, row.gateway ?? null, row.externalId]);
    if (row.externalId !== undefined && outside.has(own)) {
      problems.push({ line, field: 'externalId', message: `${row.externalId} is named twice in the file` });
    }
    outside.add(own);
    const problem = rowProblem(line, () => checkDevice(registry, { ...row, adopted: false }));
    if (problem !== undefined) problems.push(problem);
    else if (circular.has(row)) {
      problems.push({ line, field: 'gateway', message: `${row.id} hangs on itself, by its gateway, uplink or supply` });
    }
  }
  problems.sort((left, right) => left.line - right.line);
};

type Told = Report['credentials'];
type Outcome = Awaited<ReturnType<typeof registerDevices>>[number];

const credentialFile = (credentials: Told, response: FileResponse): string =>
  secretFile(
    response,
    { name: 'credentials.csv', type: 'text/csv' },
    csvText(
      ['device', 'username', 'password'],
      credentials.map(({ device: id, username, password }) => [id, username, password]),
    ),
  );

@Controller()
export class OnboardingImportController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(importCsv)
  importCsv(
    @Input() { query, body, account }: InputOf<typeof importCsv>,
    @Res({ passthrough: true }) response: FileResponse,
  ): Promise<Report | string> {
    return this.import(readCsv(body, newDevice), query, account, response);
  }

  @Operation(importExcel)
  async importExcel(
    @Input() { query, body, account }: InputOf<typeof importExcel>,
    @Res({ passthrough: true }) response: FileResponse,
  ): Promise<Report | string> {
    return this.import(await readExcel(body, newDevice), query, account, response);
  }

  @Operation(exported)
  async exported(
    @Input() { body, account }: InputOf<typeof exported>,
    @Res({ passthrough: true }) response: FileResponse,
  ): Promise<string> {
    const wanted = devicesChosen(this.parts.index, body);
    const credentials = await issueCredentials(this.parts, wanted, commandMeta(this.parts, account), body);
    const told = credentials.map(({ username, password }) => ({ device: username, username, password }));
    return credentialFile(told, response);
  }

  private async import(
    checked: CheckedRows<NewDevice>,
    { dryRun, format }: z.output<typeof importQuery>,
    account: Account,
    response: FileResponse,
  ): Promise<Report | string> {
    const { rows, problems } = checked;
    checkTogether(this.parts, checked);
    const apply = !dryRun && problems.length === 0;
    const outcomes = apply ? await this.register(rows, account) : new Map<string, Outcome>();
    const credentials: Told = [];
    for (const { line, row } of rows) {
      const outcome = outcomes.get(row.id);
      if (outcome instanceof Refusal) problems.push(problemOfRow(line, outcome));
      else if (outcome?.credential !== undefined) credentials.push({ device: row.id, ...outcome.credential });
    }
    if (format === 'csv' && apply && problems.length === 0) return credentialFile(credentials, response);
    return { applied: apply, rows: rows.length, problems, credentials };
  }

  /** What became of each, by its id. */
  private async register(rows: CheckedRows<NewDevice>['rows'], account: Account): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    for (const turn of inTurns(rows.map(({ row }) => row)).turns) {
      const wanted: Device[] = turn.map((row) => ({ ...row, adopted: false }));
      const done = await registerDevices(this.parts, wanted, commandMeta(this.parts, account));
      for (const [at, outcome] of done.entries()) outcomes.set(wanted[at]!.id, outcome);
    }
    return outcomes;
  }
}
