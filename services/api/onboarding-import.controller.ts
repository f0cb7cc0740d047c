import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { checkDevice, registerDevices } from '../registry/commands.ts';
import { issueCredentials } from '../registry/credential-commands.ts';
import { type Device, device, deviceKinds, registryId } from '../registry/registry.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { type CheckedRows, readCsv } from './csv.ts';
import { csvText } from './csv-text.ts';
import { excelType, readExcel } from './excel.ts';
import { commandMeta } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal, problemOfRow, rowProblem } from './problem.ts';
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
    'Register devices from CSV with a header of the same names; lists within a cell are separated by ;. Their MQTT passwords are told in this answer only',
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
    compound: registryId,
    kind: z.enum(deviceKinds).optional(),
    devices: z.array(registryId).max(20_000).optional(),
    formerHours: z.number().min(0).max(720).default(0),
  }),
  answerType: 'text/csv',
});

interface Response {
  type(mediaType: string): Response;
  setHeader(name: string, value: string): void;
}

type Report = z.infer<typeof importReport>;
type NewDevice = z.infer<typeof newDevice>;

/** What the registry says of each row, and what the rows say of each other. */
const checkTogether = (parts: ApiParts, { rows, problems }: CheckedRows<NewDevice>): void => {
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
    const problem = rowProblem(line, () => checkDevice(parts, { ...row, adopted: false }));
    if (problem !== undefined) problems.push(problem);
  }
  problems.sort((left, right) => left.line - right.line);
};

type Told = Report['credentials'];

const credentialFile = (credentials: Told, response: Response): string => {
  response.type('text/csv; charset=utf-8');
  response.setHeader('content-disposition', 'attachment; filename="credentials.csv"');
  response.setHeader('cache-control', 'no-store');
  return csvText(
    ['device', 'username', 'password'],
    credentials.map(({ device: id, username, password }) => [id, username, password]),
  );
};

@Controller()
export class OnboardingImportController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(importCsv)
  importCsv(
    @Input() { query, body, account }: InputOf<typeof importCsv>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Report | string> {
    return this.import(readCsv(body, newDevice), query, account, response);
  }

  @Operation(importExcel)
  async importExcel(
    @Input() { query, body, account }: InputOf<typeof importExcel>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Report | string> {
    return this.import(await readExcel(body, newDevice), query, account, response);
  }

  @Operation(exported)
  async exported(
    @Input() { body, account }: InputOf<typeof exported>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const { compound, kind, devices, formerHours } = body;
    const { index } = this.parts;
    const named = devices === undefined ? undefined : new Set(devices);
    const wanted = index
      .devicesOf(compound)
      .filter((item) => item.retiredAt === null && item.gateway === undefined)
      .filter((item) => (kind === undefined || item.kind === kind) && (named?.has(item.id) ?? true));
    if (wanted.length === 0) {
      throw new ApiRefusal(
        404,
        'device.unknown',
        `compound ${compound} has no such device with a credential of its own`,
      );
    }
    const credentials = await issueCredentials(this.parts, wanted, commandMeta(this.parts, account), { formerHours });
    const told = credentials.map(({ username, password }) => ({ device: username, username, password }));
    return credentialFile(told, response);
  }

  private async import(
    checked: CheckedRows<NewDevice>,
    { dryRun, format }: z.output<typeof importQuery>,
    account: Account,
    response: Response,
  ): Promise<Report | string> {
    const { rows, problems } = checked;
    checkTogether(this.parts, checked);
    const apply = !dryRun && problems.length === 0;
    const wanted: Device[] = apply ? rows.map(({ row }) => ({ ...row, adopted: false })) : [];
    const outcomes = await registerDevices(this.parts, wanted, commandMeta(this.parts, account));
    const credentials: Told = [];
    for (const [at, outcome] of outcomes.entries()) {
      const { line, row } = rows[at]!;
      if (outcome instanceof Refusal) problems.push(problemOfRow(line, outcome));
      else if (outcome.credential !== undefined) credentials.push({ device: row.id, ...outcome.credential });
    }
    if (format === 'csv' && apply && problems.length === 0) return credentialFile(credentials, response);
    return { applied: apply, rows: rows.length, problems, credentials };
  }
}
