import { type Answer, adminPassword, type CallOptions, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', { body: harbourView });
});
afterAll(() => hub.stop());

const harbourView = {
  id: 'harbour-view',
  name: 'Harbour View 海景苑',
  profile: 'retrofit',
  households: 300,
  buildings: [{ id: 'b-1', name: 'Building 1' }],
  positions: [{ id: 'p-1', kind: 'entrance', name: 'North entrance', building: 'b-1' }],
};
const gate = (more: Record<string, unknown> = {}) => ({
  ...{ id: 'gate-1', compound: 'harbour-view', kind: 'access-gate', name: 'North gate', position: 'p-1' },
  ...more,
});
/** Status, code and the fields that are named. */
const problemOf = ({ status, body }: Answer): unknown => {
  const { code, errors = [] } = body as { code: string; errors?: { field: string }[] };
  return [status, code, ...errors.map(({ field }) => field)];
};
interface Registered {
  credential: { username: string; password: string };
}

describe('a compound', () => {
  test('is registered once, listed and read', async () => {
    expect(problemOf(await hub.call('POST', '/api/compounds', { body: harbourView }))).toEqual([
      409,
      'compound.already-registered',
    ]);
    const { items } = await hub.get<{ items: { stars: number | null }[] }>('/api/compounds');
    expect(items).toMatchObject([{ id: 'harbour-view', devices: 0, openWorkOrders: 0, timeZone: 'Asia/Shanghai' }]);
    // Its first rating may come in between.
    const { stars: _, ...listed } = items[0]!;
    expect(await hub.get('/api/compounds/harbour-view')).toMatchObject(listed);
  });
  test('changes in what is named and nothing else', async () => {
    const { body } = await hub.call('PATCH', '/api/compounds/harbour-view', { body: { households: 301 } });
    expect(body).toMatchObject({ ...harbourView, households: 301 });
  });
  test('has a rating from the first day on, with a reason for every criterion', async () => {
    const rating = await hub.get<{ criteria: unknown[]; stars: number }>('/api/compounds/harbour-view/rating');
    expect(rating.criteria.length).toBeGreaterThan(20);
    const { items } = await hub.get<{ items: { name: string }[] }>('/api/standards');
    const named = `/api/compounds/harbour-view/rating?standard=${items[0]!.name}&at=2026-02-01T00:00:00%2B08:00`;
    expect((await hub.call('GET', named)).status).toBe(200);
    expect((await hub.call('GET', '/api/compounds/harbour-view/rating/history')).status).toBe(200);
  });
});

describe('a device', () => {
  test('is registered with a credential that works at once, and changes in what is named', async () => {
    const { body } = await hub.call('POST', '/api/devices', { body: gate({ features: ['face'] }) });
    const { credential } = body as Registered;
    const client = await hub.connect(credential);
    await client.endAsync();
    const changed = await hub.call('PATCH', '/api/devices/gate-1', { body: { name: 'Gate 1' } });
    expect(changed.body).toMatchObject({ name: 'Gate 1', position: 'p-1', features: ['face'], dialect: 'canonical' });
    expect(await hub.get('/api/devices/gate-1')).toMatchObject({
      ...{ name: 'Gate 1', positionName: 'North entrance', buildingName: 'Building 1', username: 'gate-1' },
    });
  });
  test('is moved to another compound, where it stands after a restart too', async () => {
    await hub.call('POST', '/api/compounds', { body: { ...harbourView, id: 'next-door', positions: [] } });
    await hub.call('POST', '/api/devices', { body: gate({ id: 'stray' }) });
    const moved = await hub.call('POST', '/api/devices/stray/move', { body: { compound: 'next-door' } });
    expect([moved.status, moved.body]).toMatchObject([200, { device: { compound: 'next-door' }, movedAlong: [] }]);
    const counts = async () => {
      const { items } = await hub.get<{ items: { id: string; devices: number }[] }>('/api/compounds');
      return Object.fromEntries(items.map(({ id, devices }) => [id, devices]));
    };
    const after = await counts();
    expect(after).toMatchObject({ 'next-door': 1 });
    await until('the read model', async () => {
      await hub.restart();
      return (await hub.get<{ compound: string }>('/api/devices/stray')).compound === 'next-door';
    });
    expect(await counts()).toEqual(after);
    expect(problemOf(await hub.call('POST', '/api/devices/stray/move', { body: { compound: 'next-door' } }))).toEqual([
      422,
      'device.not-fitting',
      'compound',
    ]);
    await hub.call('DELETE', '/api/devices/stray');
  });
  test('loses what a change says null of, after a restart too', async () => {
    await hub.call('POST', '/api/devices', { body: gate({ id: 'gate-0', position: 'p-1', ports: 2 }) });
    const answer = await hub.call('PATCH', '/api/devices/gate-0', { body: { position: null, ports: null } });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('position');
    const looked = await hub.get<Record<string, unknown>>('/api/devices/gate-0');
    expect([looked.position, looked.ports, looked.positionName]).toEqual([undefined, undefined, null]);
    await until('the read model', async () => {
      await hub.restart();
      return (await hub.get<Record<string, unknown>>('/api/devices/gate-0')).position === undefined;
    });
    expect(await hub.get<Record<string, unknown>>('/api/devices/gate-0')).not.toHaveProperty('ports');
    await hub.call('DELETE', '/api/devices/gate-0');
    expect(problemOf(await hub.call('PATCH', '/api/devices/gate-1', { body: { name: null } }))).toEqual([
      400,
      'input.invalid',
      'name',
    ]);
  });
  test('with a new password is refused under the old one', async () => {
    const { body } = await hub.call('POST', '/api/devices', { body: gate({ id: 'gate-2' }) });
    const old = (body as Registered).credential;
    const renewed = (await hub.call('POST', '/api/devices/gate-2/credential')).body as typeof old;
    await expect(hub.connect(old)).rejects.toThrow(/Bad User Name or Password|Not authorized/i);
    await (await hub.connect(renewed)).endAsync();
  });
  test('that is retired is refused, and told apart from one that never was', async () => {
    const { body } = await hub.call('POST', '/api/devices', { body: gate({ id: 'gate-3' }) });
    expect((await hub.call('DELETE', '/api/devices/gate-3?reason=sold')).status).toBe(204);
    await expect(hub.connect((body as Registered).credential)).rejects.toThrow(
      /Bad User Name or Password|Not authorized/i,
    );
    expect(problemOf(await hub.call('PATCH', '/api/devices/gate-3', { body: { name: 'x' } }))).toEqual([
      410,
      'device.retired',
    ]);
    expect(problemOf(await hub.call('POST', '/api/devices/gate-9/credential'))).toEqual([404, 'device.unknown']);
    const { items } = await hub.get<{ items: { id: string }[] }>('/api/devices');
    expect(items.map(({ id }) => id)).toEqual(['gate-1', 'gate-2']);
  });
});

test('devices come page by page, each once and in order, with or without a state asked for', async () => {
  interface Devices {
    items: { id: string; health: { state: string } }[];
    next: string | null;
  }
  const pages = async (filter: string): Promise<Devices['items']> => {
    const found: Devices['items'] = [];
    for (let cursor = ''; ; ) {
      const { items, next } = await hub.get<Devices>(`/api/devices?limit=2${filter}${cursor}`);
      found.push(...items);
      if (next === null) return found;
      expect(items).toHaveLength(2);
      cursor = `&cursor=${next}`;
    }
  };
  for (const id of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5']) {
    await hub.call('POST', '/api/devices', { body: gate({ id }) });
  }
  const client = await hub.connect((await hub.call('POST', '/api/devices/page-3/credential')).body as never);
  await until(
    'page-3 is heard',
    async () => (await hub.get<{ health: { state: string } }>('/api/devices/page-3')).health.state === 'online',
  );
  const all = await pages('&q=page-');
  expect(all.map(({ id, health }) => [id, health.state])).toEqual(
    ['page-1', 'page-2', 'page-3', 'page-4', 'page-5'].map((id) => [id, id === 'page-3' ? 'online' : 'never-heard']),
  );
  expect((await pages('&q=page-&state=never-heard')).map(({ id }) => id)).toEqual([
    'page-1',
    'page-2',
    'page-4',
    'page-5',
  ]);
  await client.endAsync();
});

describe('a problem names what is wrong', () => {
  const cases: [string, string, string, CallOptions, unknown[]][] = [
    [
      'a compound without a name',
      'POST',
      '/api/compounds',
      { body: { id: 'x', profile: 'new', households: 1 } },
      [400, 'input.invalid', 'name'],
    ],
    [
      'a compound of a kind nobody knows',
      'POST',
      '/api/compounds',
      { body: { ...harbourView, profile: 'old' } },
      [400, 'input.invalid', 'profile'],
    ],
    [
      'a field nobody knows',
      'POST',
      '/api/compounds',
      { body: { ...harbourView, colour: 'red' } },
      [400, 'input.invalid', 'colour'],
    ],
    [
      'a field within a list',
      'PATCH',
      '/api/compounds/harbour-view',
      { body: { positions: [{ id: 'p-1', kind: 'moat', name: 'x' }] } },
      [400, 'input.invalid', 'positions.0.kind'],
    ],
    [
      'a position twice',
      'PATCH',
      '/api/compounds/harbour-view',
      { body: { positions: [...harbourView.positions, ...harbourView.positions] } },
      [422, 'registry.duplicate-id', 'positions'],
    ],
    ['a compound nobody registered', 'GET', '/api/compounds/elsewhere', {}, [404, 'compound.unknown', 'compound']],
    ['an id that can be none', 'GET', '/api/compounds/Elsewhere!', {}, [400, 'input.invalid', 'id']],
    [
      'a device of no compound',
      'POST',
      '/api/devices',
      { body: gate({ id: 'x', compound: 'elsewhere' }) },
      [422, 'device.not-fitting', 'compound'],
    ],
    [
      'a device at no position',
      'POST',
      '/api/devices',
      { body: gate({ id: 'x', position: 'p-9' }) },
      [422, 'device.not-fitting', 'position'],
    ],
    [
      'a device of no dialect',
      'POST',
      '/api/devices',
      { body: gate({ id: 'x', dialect: 'klingon' }) },
      [422, 'device.not-fitting', 'dialect'],
    ],
    [
      'a device that the hub adopted, says a person',
      'POST',
      '/api/devices',
      { body: gate({ id: 'x', adopted: true }) },
      [400, 'input.invalid', 'adopted'],
    ],
    [
      'a change of the kind',
      'PATCH',
      '/api/devices/gate-1',
      { body: { kind: 'camera' } },
      [400, 'input.invalid', 'kind'],
    ],
    ['JSON that is broken', 'POST', '/api/devices', { body: '{"id":' }, [400, 'input.broken-json']],
    ['JSON that is no object', 'POST', '/api/devices', { body: '[]' }, [400, 'input.invalid', 'body']],
    [
      'a body too large',
      'POST',
      '/api/compounds',
      { body: { ...harbourView, name: 'x'.repeat(6_000_000) } },
      [413, 'http.413'],
    ],
    ['a query nobody knows', 'GET', '/api/devices?colour=red', {}, [400, 'input.invalid', 'colour']],
    ['a limit beyond the limit', 'GET', '/api/devices?limit=5000', {}, [400, 'input.invalid', 'limit']],
    ['a cursor that is none', 'GET', '/api/devices/gate-1/events?cursor=abc', {}, [400, 'input.invalid', 'cursor']],
    [
      'a cursor beyond any revision',
      'GET',
      '/api/devices/gate-1/events?cursor=99999999999',
      {},
      [400, 'input.invalid', 'cursor'],
    ],
    ['a position that is none of this log', 'GET', '/api/events?from=abc', {}, [400, 'input.invalid']],
    ['a revision that is none', 'GET', '/api/events?stream=device-gate-1&from=abc', {}, [400, 'input.invalid']],
    ['a live stream from nowhere', 'GET', '/api/live?from=abc', {}, [400, 'input.invalid']],
    ['a stream’s name with a NUL', 'GET', '/api/events?stream=%00', {}, [400, 'input.invalid']],
    [
      'a standard nobody knows',
      'GET',
      '/api/compounds/harbour-view/rating?standard=x',
      {},
      [404, 'rating.unknown-standard'],
    ],
    [
      'an instant that is none',
      'GET',
      '/api/compounds/harbour-view/rating?at=yesterday',
      {},
      [400, 'input.invalid', 'at'],
    ],
    ['a work order nobody raised', 'GET', '/api/work-orders/abc', {}, [404, 'work-order.unknown']],
    ['a command nobody knows', 'POST', '/api/work-orders/abc/burn', { body: {} }, [400, 'input.invalid', 'command']],
    ['a dead letter nobody wrote', 'GET', `/api/dead-letters/${crypto.randomUUID()}`, {}, [404, 'dead-letter.unknown']],
    ['a projection nobody wrote', 'POST', '/api/projections/nothing/rebuild', {}, [404, 'projection.unknown']],
    [
      'a projection that is not rebuilt',
      'POST',
      '/api/projections/fault-router/rebuild',
      {},
      [409, 'projection.not-rebuildable'],
    ],
    ['a route that is none', 'GET', '/api/nothing', {}, [404, 'http.no-such-route']],
    ['a path that is no text', 'GET', '/api/compounds/%E0%A4%A', {}, [400, 'http.400']],
  ];
  test.each(cases)('%s', async (_, method, path, options, expected) => {
    const answer = await hub.call(method, path, options);
    expect(problemOf(answer)).toEqual(expected);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status: expected[0], detail: expect.stringMatching(/\S{2}/) });
  });
});

describe('text that a database does not take as it is', () => {
  test('is kept as far as it can be, and the read models and the next start bear it', async () => {
    const odd = 'odd \u0000 \ud800 name';
    await hub.call('POST', '/api/compounds', { body: { ...harbourView, id: 'odd', name: odd } });
    await hub.call('POST', '/api/devices', {
      body: gate({ id: 'odd-1', compound: 'odd', name: odd, position: 'p-1' }),
    });
    await hub.restart();
    expect(await hub.get('/api/compounds/odd')).toMatchObject({ name: 'odd \ufffd \ufffd name' });
    expect((await hub.call('GET', '/health/ready', { token: null })).body).toEqual({ status: 'ready', reasons: [] });
    expect((await hub.login('admin', adminPassword)).length).toBeGreaterThan(20);
  });
});

describe('imports', () => {
  const devices = (...rows: string[]): string => ['id,compound,kind,name,position,externalId', ...rows, ''].join('\n');
  interface Report {
    applied: boolean;
    rows: number;
    problems: { line: number; field: string }[];
    credentials: { device: string; username: string; password: string }[];
  }
  const importDevices = async (csv: string, query = ''): Promise<Report> =>
    (await hub.call('POST', `/api/devices/import${query}`, { csv })).body as Report;
  const problems = (report: Report): [number, string][] => report.problems.map(({ line, field }) => [line, field]);
  const idsOf = async (): Promise<string[]> =>
    (await hub.get<{ items: { id: string }[] }>('/api/devices?q=imported')).items.map(({ id }) => id);

  test('tell in a dry run what they would do, do it, and do not do it twice', async () => {
    const csv = devices('imported-1,harbour-view,camera,One,p-1,', 'imported-2,harbour-view,sensor,Two,,SN-2');
    expect(await importDevices(csv, '?dryRun=true')).toEqual({
      applied: false,
      rows: 2,
      problems: [],
      credentials: [],
    });
    expect(await idsOf()).toEqual([]);
    const done = await importDevices(csv);
    expect(done).toMatchObject({ applied: true, rows: 2, problems: [] });
    expect(await idsOf()).toEqual(['imported-1', 'imported-2']);
    await (await hub.connect(done.credentials[1]!)).endAsync();
    expect(problems(await importDevices(csv))).toEqual([
      [2, 'id'],
      [3, 'id'],
    ]);
  });
  test('name every problem by line and field, and apply nothing then', async () => {
    const report = await importDevices(
      devices(
        'imported-3,harbour-view,camera,Three,p-1,SN-3',
        'imported-4,harbour-view,periscope,Four,,',
        '',
        'imported-5,elsewhere,camera,Five,,',
        'imported-6,harbour-view,camera,Six,p-9,',
        'imported-7,harbour-view,camera,Seven,,SN-3',
        'imported-3,harbour-view,camera,Three again,,',
      ),
    );
    expect(report.applied).toBe(false);
    expect(problems(report)).toEqual([
      [3, 'kind'],
      [5, 'compound'],
      [6, 'position'],
      [7, 'externalId'],
      [8, 'id'],
    ]);
    expect(await idsOf()).toEqual(['imported-1', 'imported-2']);
  });
  test('bring a gateway and what hangs on it in one file, in any order', async () => {
    const file = (...rows: string[]): string => ['id,compound,kind,name,gateway,poweredBy', ...rows, ''].join('\n');
    const circle = file(
      'hive-1,harbour-view,gateway,Hive,,hive-2',
      'hive-2,harbour-view,gateway,Hive,,hive-1',
      'hive-3,harbour-view,sensor,Door,hive-9,',
    );
    expect(problems(await importDevices(circle, '?dryRun=true'))).toEqual([
      [2, 'gateway'],
      [3, 'gateway'],
      [4, 'gateway'],
    ]);
    const done = await importDevices(
      file(
        'hive-door,harbour-view,sensor,Door,hive,',
        'hive,harbour-view,gateway,Hive,,hive-supply',
        'hive-supply,harbour-view,sensor,Supply,,',
      ),
    );
    expect(done).toMatchObject({ applied: true, rows: 3, problems: [] });
    // A device beneath a gateway has no password of its own; the others' are told in the file's order.
    expect(done.credentials.map(({ device }) => device)).toEqual(['hive', 'hive-supply']);
    expect(await hub.get('/api/devices/hive-door')).toMatchObject({ gateway: 'hive' });
  });
  test('of positions add to what is there', async () => {
    const path = '/api/compounds/harbour-view/positions/import';
    const wrong = 'id,kind,name,building\np-2,lift,Lift,b-9\np-3,lift,Lift,b-1\np-3,lift,Lift,b-1\n';
    const refused = (await hub.call('POST', `${path}?dryRun=true`, { csv: wrong })).body as Report;
    expect(problems(refused)).toEqual([
      [2, 'building'],
      [4, 'id'],
    ]);
    await hub.call('POST', path, { csv: 'id,kind,name,building\np-2,lift,Lift,b-1\np-1,entrance,North,\n' });
    expect(await hub.get('/api/compounds/harbour-view')).toMatchObject({
      positions: [
        { id: 'p-1', kind: 'entrance', name: 'North' },
        { id: 'p-2', kind: 'lift', name: 'Lift', building: 'b-1' },
      ],
    });
  });
  test('of what is no CSV are refused', async () => {
    expect(problemOf(await hub.call('POST', '/api/devices/import', { csv: 'id,kind\n"x' }))).toEqual([
      400,
      'csv.broken',
    ]);
  });
});
