import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Problem } from './schemas.ts';

/** Input that does not fit its schema. */
export class InvalidInput extends Error {
  constructor(
    readonly where: 'params' | 'query' | 'body',
    readonly error: z.ZodError,
  ) {
    super(`the ${where} does not fit`);
  }
}

/** A refusal of the API itself, with its status. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The one place where the core's refusal codes meet HTTP. What is not listed is a conflict with the present state. */
const statusByCode: Record<string, number> = {
  'compound.unknown': 404,
  'device.unknown': 404,
  'device.retired': 410,
  'device.not-fitting': 422,
  'command.unknown': 404,
  'command.own': 403,
  'command.wrong-kind': 422,
  'authority.unknown': 404,
  'authority.not-fitting': 422,
  'certificate.not-fitting': 422,
  'enrolment.unknown': 403,
  'enrolment.not-fitting': 422,
  'registry.behind': 503,
  'registry.duplicate-id': 422,
  'registry.effective-date': 422,
  'registry.unknown-building': 422,
  'fault-policy.wrong': 422,
  'fault-policy.period': 422,
  'fault-policy.busy': 429,
  'maintenance.unknown': 404,
  'maintenance.unknown-device': 422,
  'maintenance.times': 422,
  'work-order.unknown': 404,
  'work-order.not-fitting': 422,
  'work-order.note-missing': 422,
  'work-order.assignee-missing': 422,
  'work-order.until-passed': 422,
  'work-order.not-a-photo': 422,
  'work-order.photo-too-large': 413,
  'work-order.photo-unknown': 404,
  'matter.unknown': 404,
  'matter.unknown-department': 422,
  'matter.not-fitting': 422,
  'matter.reason-missing': 422,
  'matter.own-proposal': 403,
  'matter.not-your-part': 403,
  'matter.not-a-document': 422,
  'matter.document-unknown': 404,
  'matter.document-too-large': 413,
  'rating.unknown-standard': 404,
  'rating.at': 422,
  'rating.known-at': 422,
  'rating.known-at-busy': 429,
  'rating.known-at-too-much': 422,
  'rating.expired': 410,
  'rating-replay.unknown': 404,
  'rating-replay.period': 422,
  'rating-replay.dropped': 410,
  'readings.too-many-buckets': 422,
  'record.unknown': 404,
  'record.in-the-future': 422,
  'target.unknown': 404,
  'target.url': 422,
  'roster.duplicate-shift': 422,
  'roster.days-reversed': 422,
  'roster.unknown-shift': 422,
  'roster.unknown-swap': 404,
  'contact.unknown': 404,
  'handover.unknown': 404,
  'handover.own': 403,
  'handover.unknown-order': 422,
  'round.unknown': 404,
  'round.unknown-occurrence': 404,
  'round.unknown-stop': 404,
  'round.not-fitting': 422,
  'round.note-missing': 422,
  'assessment.no-formula': 422,
  'assessment.too-early': 422,
  'assessment.no-compounds': 404,
  'assessment.behind': 503,
  'intake.unknown-token': 404,
  'intake.unknown-receipt': 404,
  'intake.unknown-report': 404,
  'intake.unknown-place': 422,
};

/** PostgreSQL's classes for a connection that broke, no room (disk, memory, connections) and an operator's shutdown. */
const databaseAway = /^(08|53)...$|^57P..$/;
const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
/** What the PostgreSQL client throws without a code when its connection is gone or none can be had. */
const connectionWords =
  /^Connection terminated|^Client has encountered a connection error|^timeout exceeded when trying/;

/** Whether it is the database that doesn't answer now: no defect, and it passes. */
const isDatabaseAway = ({ code, message = '' }: { code?: unknown; message?: string }): boolean =>
  typeof code === 'string' ? databaseAway.test(code) || connectionErrors.has(code) : connectionWords.test(message);

/** PostgreSQL's `character_not_in_repertoire`: a NUL in a text, which only the caller can have sent. */
const unstorableText = '22021';

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Not logged in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  422: 'Does not fit',
  429: 'Too many attempts',
  500: 'Internal error',
  503: 'Not now',
};

const problemOf = (status: number, code: string, detail: string, errors?: Problem['errors']): Problem => ({
  type: `urn:xingyuan:problem:${code}`,
  title: titles[status] ?? 'Error',
  status,
  code,
  detail,
  ...(errors === undefined ? {} : { errors }),
});

export const problemFor = (error: unknown): Problem => {
  if (error instanceof InvalidInput) {
    const errors = error.error.issues.flatMap((issue) => {
      const path = issue.path.map(String);
      const names = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
      return names.map((name) => ({ field: name.join('.') || error.where, message: issue.message }));
    });
    const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return problemOf(400, 'input.invalid', detail, errors);
  }
  if (error instanceof Refusal) {
    const field = error.facts.field;
    const errors = typeof field === 'string' ? [{ field, message: error.message }] : undefined;
    // An unknown compound named in a body is the body's fault; in the path it is the address that does not exist.
    return problemOf(statusByCode[error.code] ?? 409, error.code, error.message, errors);
  }
  if (error instanceof ApiRefusal) return problemOf(error.status, error.code, error.message);
  if (error instanceof HttpException) {
    const status = error.getStatus();
    const isBrokenJson = status === 400 && /JSON/.test(error.message);
    const code = status === 404 ? 'http.no-such-route' : isBrokenJson ? 'input.broken-json' : `http.${status}`;
    return problemOf(status, code, error.message);
  }
  const { status, type, message, code } = error as { status?: number; type?: string; message?: string; code?: string };
  if (code === unstorableText)
    return problemOf(400, 'input.invalid', 'A text holds a NUL character, which is not taken.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    // What express' body parser throws: broken JSON, a body too large.
    return problemOf(
      status,
      type === undefined ? `http.${status}` : type.replaceAll('.', '-'),
      message ?? 'Bad request',
    );
  }
  if (isDatabaseAway({ code, ...(message === undefined ? {} : { message }) })) {
    const detail = "The hub's database does not answer or has no room; try again, and see /health/ready.";
    return problemOf(503, 'database.away', detail);
  }
  return problemOf(500, 'internal', 'The hub failed at this; its log says more.');
};

interface Answer {
  headersSent: boolean;
  status(code: number): Answer;
  type(mediaType: string): Answer;
  send(body: string): void;
}

/** Every error becomes an RFC 9457 problem; what nobody foresaw is logged, and told without its insides. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const answer = host.switchToHttp().getResponse<Answer>();
    const problem = problemFor(error);
    if (problem.status >= 500) this.logger.error({ err: error }, 'a request failed');
    if (answer.headersSent) return;
    answer.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

export const problemOfRow = (line: number, { facts, message }: Refusal) => ({
  line,
  // What names no field is about the device as a whole.
  field: String(facts.field ?? 'id'),
  message,
});

/** A refusal as a row's problem, for imports; `undefined` when `check` passes. */
export const rowProblem = (
  line: number,
  check: () => void,
): { line: number; field: string; message: string } | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return problemOfRow(line, error);
  }
};
