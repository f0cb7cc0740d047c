import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AtlasWorkOrder {
  id: number;
  title: string;
  description: string;
  priority: string;
  status: string;
  dueDate?: string;
  feedback: string | null;
  primaryUser: { id: number; firstName: string; lastName: string } | null;
  createdAt: string;
  updatedAt: string;
}

interface Criteria {
  filterFields: { field: string; operation: string; value: unknown }[];
  pageNum: number;
  pageSize: number;
  sortField: string;
  direction: 'ASC' | 'DESC';
}

export const atlasKey = 'atlas-key';
const statuses = ['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETE'];

/**
 * Atlas CMMS as far as its work orders go, written after its OpenAPI text and controllers: create, change of status,
 * search by criteria, an `x-api-key`. Like the original it creates what is asked for twice twice.
 */
export const startAtlasDouble = async () => {
  const orders: AtlasWorkOrder[] = [];
  const calls: string[] = [];
  const state = { nowMs: Date.parse('2026-03-01T08:00:00.000Z'), trouble: undefined as 'down' | 'forgets' | undefined };
  const stamp = (): string => {
    state.nowMs += 1_000;
    return new Date(state.nowMs).toISOString();
  };
  const say = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const refuse = (response: ServerResponse, status: number, message: string): void =>
    say(response, status, { message });

  const create = (input: Partial<AtlasWorkOrder>): AtlasWorkOrder => {
    const at = stamp();
    const order = {
      ...{ description: '', priority: 'NONE', status: 'OPEN', feedback: null, primaryUser: null, ...input },
      ...{ id: 100 + orders.length, title: input.title!, createdAt: at, updatedAt: at },
    };
    orders.push(order);
    return order;
  };
  const search = ({ filterFields, pageNum, pageSize, sortField, direction }: Criteria) => {
    const found = orders.filter((order) =>
      filterFields.every(({ field, operation, value }) => {
        const held = String(order[field as keyof AtlasWorkOrder]).toLowerCase();
        return operation === 'cn' ? held.includes(String(value).toLowerCase()) : held === String(value).toLowerCase();
      }),
    );
    const by = (order: AtlasWorkOrder) => order[sortField as 'id' | 'updatedAt'];
    found.sort((left, right) => (by(left) < by(right) ? -1 : 1) * (direction === 'ASC' ? 1 : -1));
    const content = found.slice(pageNum * pageSize, (pageNum + 1) * pageSize);
    return { content, last: (pageNum + 1) * pageSize >= found.length, totalElements: found.length };
  };
  const changeStatus = (order: AtlasWorkOrder, status: string, feedback: string | null = null): AtlasWorkOrder =>
    Object.assign(order, { status, feedback, updatedAt: stamp() });

  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      calls.push(`${request.method} ${path}`);
      if (state.trouble === 'down') return refuse(response, 503, 'down');
      if (request.headers['x-api-key'] !== atlasKey) return refuse(response, 401, 'Invalid API key');
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      const changed = /^\/work-orders\/(\d+)\/change-status$/.exec(path)?.[1];
      if (request.method === 'POST' && path === '/work-orders/search') {
        return say(response, 200, search(body as unknown as Criteria));
      }
      if (request.method === 'POST' && path === '/work-orders') {
        if (typeof body.title !== 'string') return refuse(response, 400, 'title must not be null');
        const order = create(body as Partial<AtlasWorkOrder>);
        // The order is there, and its maker never hears of it.
        if (state.trouble === 'forgets') return void response.socket?.destroy();
        return say(response, 200, order);
      }
      if (request.method === 'PATCH' && changed !== undefined) {
        const order = orders.find(({ id }) => id === Number(changed));
        if (order === undefined) return refuse(response, 404, 'Not found');
        if (!statuses.includes(body.status as string)) return refuse(response, 406, "Status can't be null");
        return say(response, 200, changeStatus(order, body.status as string, (body.feedback as string) ?? null));
      }
      return refuse(response, 404, 'Not found');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    orders,
    calls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What a person does over there. */
    act: changeStatus,
    create,
    trouble(kind: 'down' | 'forgets' | undefined): void {
      state.trouble = kind;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export type AtlasDouble = Awaited<ReturnType<typeof startAtlasDouble>>;
