import type { Problem } from '../../../services/api/schemas.ts';

/** What the API refused, or that it couldn't be reached. `code` is stable and has words in the catalogues. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: { field: string; message: string }[];

  constructor(facts: { code: string; status: number; detail: string; fields?: { field: string; message: string }[] }) {
    super(facts.detail);
    this.name = 'ApiProblem';
    this.code = facts.code;
    this.status = facts.status;
    this.fields = facts.fields ?? [];
  }
}

/** Longer than any healthy answer; a hung request would otherwise hold back every later refresh. */
const answerTimeoutMs = 15_000;

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';

async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  if (!isProblem(body)) {
    return new ApiProblem({ code: `http.${response.status}`, status: response.status, detail: response.statusText });
  }
  return new ApiProblem({ code: body.code, status: response.status, detail: body.detail, fields: body.errors });
}

async function send(path: string, init: RequestInit, timeoutMs = answerTimeoutMs): Promise<Response> {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ApiProblem({ code: 'network.unreachable', status: 0, detail });
  }
}

/** The session is an HttpOnly cookie, so nothing here holds a token. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const response = await send(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as Answer;
}

export const postJson = <Answer>(path: string, body: unknown): Promise<Answer> => sendJson('POST', path, body);

export type SendMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `timeoutMs`: for the few questions that the hub works on for longer. */
export const sendJson = <Answer>(
  method: SendMethod,
  path: string,
  body: unknown,
  timeoutMs?: number,
): Promise<Answer> => sendBody(method, path, { type: 'application/json', body: JSON.stringify(body) }, timeoutMs);

export const sendCsv = <Answer>(path: string, csv: string): Promise<Answer> =>
  sendBody('POST', path, { type: 'text/csv; charset=utf-8', body: csv });

async function sendBody<Answer>(
  method: SendMethod,
  path: string,
  { type, body }: { type: string; body: string },
  timeoutMs?: number,
): Promise<Answer> {
  const headers = { accept: 'application/json', 'content-type': type };
  const response = await send(path, { method, headers, body }, timeoutMs);
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

/** `undefined` and empty values are left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
