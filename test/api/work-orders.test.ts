import type { WorkOrderDetail, WorkOrderItem } from '../../services/projections/work-order-board/board.ts';
import { type Answer, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', {
    body: {
      ...{ id: 'harbour-view', name: '海景苑', profile: 'retrofit', households: 300 },
      buildings: [
        { id: 'b-1', name: '1号楼', steward: { name: '陈洁' } },
        { id: 'b-2', name: '2号楼', steward: { name: '孙磊' } },
        { id: 'b-3', name: '3号楼' },
      ],
    },
  });
});
afterAll(() => hub.stop());

const title = { zh: '楼道灯不亮', en: 'Corridor lamp out' };
const raise = async (more: Record<string, unknown> = {}): Promise<WorkOrderDetail> => {
  const { body } = await hub.call('POST', '/api/work-orders', { body: { compound: 'harbour-view', title, ...more } });
  return body as WorkOrderDetail;
};
const command = (id: string, name: string, body: unknown = {}, token?: string): Promise<Answer> =>
  hub.call('POST', `/api/work-orders/${id}/${name}`, { body, ...(token === undefined ? {} : { token }) });
const done = async (id: string, name: string, body: unknown = {}): Promise<WorkOrderDetail> => {
  const answer = await command(id, name, body);
  expect([name, answer.status, answer.body]).toEqual([name, 200, answer.body]);
  return answer.body as WorkOrderDetail;
};
const refused = async (answer: Promise<Answer>): Promise<string> => {
  const { status, body } = await answer;
  return `${status} ${(body as { code: string }).code}`;
};

test('an order goes its whole way, with parts, costs and the resident’s word', async () => {
  const { id } = await raise({ building: 'b-1', trade: 'electric' });
  await done(id, 'dispatch');
  await done(id, 'accept');
  await done(id, 'arrive');
  await done(id, 'add-part', { name: 'E27 LED', quantity: 2, unit: '个' });
  await done(id, 'add-cost', { kind: 'material', amountFen: 3600, paidBy: 'property' });
  await done(id, 'resolve', { note: '换灯泡' });
  await done(id, 'confirm');
  await done(id, 'close');
  const order = await done(id, 'rate', { score: 5 });
  expect(order).toMatchObject({ state: 'closed', assignee: '陈洁', trade: 'electric', building: 'b-1', costFen: 3600 });
  expect(order.timeline.map(({ type }) => type.replace('work-order.', ''))).toEqual([
    ...['raised', 'acknowledged', 'dispatched', 'accepted', 'arrived', 'part-used', 'cost-recorded', 'resolved'],
    ...['confirmed', 'closed', 'rated'],
  ]);
  expect(order.timeline[2]!.data).toEqual({ assignee: '陈洁', by: 'duty' });
});

describe('who has it', () => {
  test('by turns it is one steward after the other', async () => {
    const sent: (string | null)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { id } = await raise();
      sent.push((await done(id, 'dispatch', { by: 'rotation' })).assignee);
      await until('the board', async () => (await hub.get<WorkOrderDetail>(`/api/work-orders/${id}`)).assignee != null);
    }
    expect(sent).toEqual(['陈洁', '孙磊', '陈洁']);
  });
  test('of a building without a steward, the one who dispatches', async () => {
    const { id } = await raise({ building: 'b-3' });
    expect(await done(id, 'dispatch')).toMatchObject({ assignee: 'admin' });
  });
  test('of all who grab at once, one', async () => {
    const { id } = await raise();
    expect(await refused(command(id, 'grab'))).toBe('409 work-order.not-offered');
    await done(id, 'offer', { trade: 'electric' });
    const people = ['Zhao', 'Qian', 'Sun', 'Li', 'Zhou'];
    const answers = await Promise.all(people.map((assignee) => command(id, 'grab', { assignee })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    const winner = people[answers.findIndex(({ status }) => status === 200)];
    const loser = answers.find(({ status }) => status === 409)!.body as { code: string; detail: string };
    expect(loser).toMatchObject({
      code: 'work-order.already-taken',
      detail: expect.stringContaining(`${winner} has it`),
    });
    expect(await done(id, 'grab', { assignee: winner })).toMatchObject({ state: 'accepted', assignee: winner });
  });
  test('given back and passed on', async () => {
    const { id } = await raise({ building: 'b-2' });
    await done(id, 'dispatch', { assignee: 'Li' });
    expect(await refused(command(id, 'return'))).toBe('400 input.invalid');
    expect(await done(id, 'return', { reason: 'no ladder' })).toMatchObject({ state: 'acknowledged', assignee: null });
    await done(id, 'dispatch', { assignee: 'Li' });
    const passed = await done(id, 'transfer', { trade: 'electric', reason: 'not plumbing' });
    expect(passed).toMatchObject({ state: 'dispatched', assignee: '孙磊', trade: 'electric' });
  });
});

describe('clocks', () => {
  test('stand still for a reason of the list, and the hub itself lets them run on', async () => {
    const { items } = await hub.get<{ items: { id: string }[] }>('/api/pause-reasons');
    expect(items.map(({ id }) => id)).toContain('waiting-for-parts');
    const { id, deadlines, raisedAt } = await raise();
    await done(id, 'acknowledge');
    expect(await refused(command(id, 'pause', { reason: 'lunch' }))).toBe('400 input.invalid');
    expect(await refused(command(id, 'pause', { reason: 'weather', until: '2020-01-01T00:00:00Z' }))).toBe(
      '422 work-order.until-passed',
    );
    const nowMs = Date.parse(raisedAt);
    const paused = await done(id, 'pause', { reason: 'weather', until: new Date(nowMs + 4000).toISOString() });
    expect(paused).toMatchObject({ state: 'paused', deadlines: { onSite: null, resolve: null } });
    const resumed = await until('the end of the pause', async () => {
      const order = await hub.get<WorkOrderDetail>(`/api/work-orders/${id}`);
      return order.timeline?.at(-1)?.type === 'work-order.resumed' && order;
    });
    const standstillMs = nowMs + 4000 - Date.parse(paused.pause!.at);
    expect(Date.parse(resumed.deadlines.resolve!) - Date.parse(deadlines.resolve!)).toBe(standstillMs);
  });
  test('keep the hours of the compound’s contract', async () => {
    const serviceHours = { from: '09:00', to: '18:00', days: 'working-days' };
    await hub.call('PATCH', '/api/compounds/harbour-view', { body: { serviceHours } });
    const { deadlines } = await raise();
    // 24 hours of service time fill at least two working days.
    const due = new Date(Date.parse(deadlines.resolve!) + 8 * 3_600_000);
    expect(due.getUTCHours() >= 9 && (due.getUTCHours() < 18 || due.getUTCMinutes() === 0)).toBe(true);
    const urgent = await raise({ serviceLevel: 'urgent-repair' });
    expect(Date.parse(urgent.deadlines.resolve!) - Date.parse(urgent.raisedAt)).toBe(86_400_000);
    await hub.call('PATCH', '/api/compounds/harbour-view', { body: { serviceHours: null } });
    const backwards = { serviceHours: { ...serviceHours, to: '08:00' } };
    expect(await refused(hub.call('PATCH', '/api/compounds/harbour-view', { body: backwards }))).toBe(
      '400 input.invalid',
    );
  });
});

test('a duplicate names an order of the compound that stays', async () => {
  const [one, other] = [await raise(), await raise()];
  const duplicateOf = (id: string) => ({ kind: 'duplicate', reason: 'the same lamp', duplicateOf: id });
  expect(await refused(command(one.id, 'cancel', { kind: 'duplicate', reason: 'same' }))).toBe('400 input.invalid');
  expect(await refused(command(one.id, 'cancel', duplicateOf(one.id)))).toBe('422 work-order.not-fitting');
  expect(await refused(command(one.id, 'cancel', duplicateOf('nobody')))).toBe('422 work-order.not-fitting');
  const cancelled = await done(one.id, 'cancel', duplicateOf(other.id));
  expect(cancelled.timeline.at(-1)!.data).toEqual(duplicateOf(other.id));
  expect(await refused(command(other.id, 'cancel', duplicateOf(one.id)))).toBe('422 work-order.not-fitting');
});

describe('photos', () => {
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(64, 7)]);
  test('are kept, shown and erased', async () => {
    const { id } = await raise();
    const body = { data: png.toString('base64'), shows: 'before', caption: '三楼' };
    const added = await hub.call('POST', `/api/work-orders/${id}/photos`, { body });
    const { sha256 } = added.body as { sha256: string };
    expect(added.body).toMatchObject({ mediaType: 'image/png', sizeBytes: png.length, shows: 'before' });
    await hub.call('POST', `/api/work-orders/${id}/photos`, { body });
    const order = await until('the board', async () => {
      const read = await hub.get<WorkOrderDetail>(`/api/work-orders/${id}`);
      return read.photos?.length > 0 && read;
    });
    expect(order.photos).toEqual([sha256]);
    const shown = await hub.call('GET', `/api/work-orders/${id}/photos/${sha256}`);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
    const path = `/api/work-orders/${id}/photos/${sha256}`;
    expect((await hub.call('GET', path, { token: null })).status).toBe(401);
    expect((await hub.call('DELETE', path)).body).toEqual({ erased: true });
    expect(await refused(hub.call('GET', path))).toBe('404 work-order.photo-unknown');
    expect(await refused(hub.call('DELETE', path))).toBe('404 work-order.photo-unknown');
  });
  test('are pictures, and not too large', async () => {
    const { id } = await raise();
    const post = (bytes: Buffer, order = id): Promise<string> =>
      refused(hub.call('POST', `/api/work-orders/${order}/photos`, { body: { data: bytes.toString('base64') } }));
    expect(await post(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('422 work-order.not-a-photo');
    expect(await post(Buffer.concat([png, Buffer.alloc(3 * 1024 * 1024)]))).toBe('413 work-order.photo-too-large');
    expect(await post(png, 'nobody')).toBe('404 work-order.unknown');
  });
});

test('the list is asked by trade, assignee, building, class and words', async () => {
  const order = await raise({ building: 'b-1', trade: 'lift', title: { zh: '电梯异响', en: 'Lift is noisy' } });
  await done(order.id, 'dispatch', { assignee: '周 师傅' });
  const idsOf = async (query: string): Promise<string[]> => {
    const { items } = await hub.get<{ items: WorkOrderItem[] }>(`/api/work-orders?${query}`);
    return items.map(({ id }) => id);
  };
  await until('the board', async () => (await idsOf(`assignee=${encodeURIComponent('周 师傅')}`)).length > 0);
  for (const query of [
    'trade=lift',
    'building=b-1&trade=lift',
    `text=${encodeURIComponent('电梯')}`,
    'text=noisy+lift',
  ]) {
    expect([query, await idsOf(query)]).toEqual([query, [order.id]]);
  }
  expect(await idsOf('class=general-repair&trade=lift&overdue=true')).toEqual([]);
});
