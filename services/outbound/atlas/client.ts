import { z } from 'zod';
import { type HttpAnswer, type HttpRequest, SendFailed, type SendHttp } from '../send-http.ts';
import { type AtlasStatus, atlasStatuses } from './mapping.ts';

/** As much of their work order as we read. */
const atlasOrder = z.looseObject({
  id: z.int(),
  title: z.string(),
  status: z.enum(atlasStatuses),
  updatedAt: z.string(),
  feedback: z.string().nullish(),
  primaryUser: z.looseObject({ firstName: z.string().nullish(), lastName: z.string().nullish() }).nullish(),
});
export type AtlasOrder = z.infer<typeof atlasOrder>;
const atlasPage = z.looseObject({ content: z.array(atlasOrder), last: z.boolean() });

export interface AtlasInput {
  title: string;
  description: string;
  priority: string;
  status: AtlasStatus;
  dueDate?: string;
  location?: { id: number };
  team?: { id: number };
  asset?: { id: number };
}

/** Atlas answered, and it was no success. */
export class AtlasRefused extends Error {
  constructor(readonly answer: HttpAnswer) {
    super(`Atlas CMMS answers ${answer.status}: ${answer.text.slice(0, 300)}`);
  }
}

const pageSize = 50;

interface ClientParts {
  send: SendHttp;
  /** Of its API, without a slash at the end. */
  url: string;
  /** Of Settings › Integrations › API Keys. */
  apiKey: string;
}

/** Work orders of Atlas CMMS by its REST API; `x-api-key` is a key of the company whose orders they are. */
export const createAtlasClient = ({ send, url, apiKey }: ClientParts) => {
  const call = async <T>(
    schema: z.ZodType<T>,
    { path, body, ...how }: Pick<HttpRequest, 'method' | 'onceOnly'> & { path: string; body: unknown },
    signal: AbortSignal,
  ): Promise<T> => {
    const headers = { 'x-api-key': apiKey, 'content-type': 'application/json', accept: 'application/json' };
    const request = { ...how, url: `${url}${path}`, headers, body: JSON.stringify(body), wholeAnswer: true };
    const answer = await send(request, signal);
    if (answer.status < 200 || answer.status >= 300) throw new AtlasRefused(answer);
    let json: unknown;
    try {
      json = JSON.parse(answer.text);
    } catch {
      throw new SendFailed('answer-unreadable', 'its answer is no JSON; is this the address of the API?');
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new SendFailed('answer-unreadable', `its answer is another one than documented: ${parsed.error.message}`);
  };
  const search = (criteria: object, signal: AbortSignal) =>
    call(atlasPage, { method: 'POST', path: '/work-orders/search', body: criteria }, signal);

  return {
    create: (input: AtlasInput, signal: AbortSignal): Promise<AtlasOrder> =>
      call(atlasOrder, { method: 'POST', path: '/work-orders', body: input, onceOnly: true }, signal),
    changeStatus: (id: string, status: AtlasStatus, feedback: string, signal: AbortSignal): Promise<AtlasOrder> =>
      call(
        atlasOrder,
        {
          method: 'PATCH',
          path: `/work-orders/${id}/change-status`,
          body: { status, ...(feedback === '' ? {} : { feedback }) },
        },
        signal,
      ),
    /** The one whose title holds these words. */
    async findByTitle(words: string, signal: AbortSignal): Promise<AtlasOrder | undefined> {
      const filterFields = [{ field: 'title', operation: 'cn', value: words, values: [] }];
      const criteria = { filterFields, pageNum: 0, pageSize, sortField: 'id', direction: 'ASC' };
      const { content } = await search(criteria, signal);
      return content.find(({ title }) => title.includes(words));
    },
    /** The newest changes first, page by page. */
    newestFirst: (pageNum: number, signal: AbortSignal) =>
      search({ filterFields: [], pageNum, pageSize, sortField: 'updatedAt', direction: 'DESC' }, signal),
  };
};

export type AtlasClient = ReturnType<typeof createAtlasClient>;
