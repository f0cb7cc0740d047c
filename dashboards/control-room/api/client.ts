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

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(answerTimeoutMs) });
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

export const sendJson = <Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown): Promise<Answer> =>
  sendBody(method, path, 'application/json', JSON.stringify(body));

export const sendCsv = <Answer>(path: string, csv: string): Promise<Answer> =>
  sendBody('POST', path, 'text/csv; charset=utf-8', csv);

async function sendBody<Answer>(method: string, path: string, type: string, body: string): Promise<Answer> {
  const response = await send(path, { method, headers: { accept: 'application/json', 'content-type': type }, body });
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
