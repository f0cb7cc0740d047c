import { device, position } from '../registry/registry.ts';
import { readCsv } from './csv.ts';

const newDevice = device.omit({ adopted: true });

describe('rows of a CSV file', () => {
  test('take their columns from the header, lists from a cell, and leave empty cells out', () => {
    const { rows, problems } = readCsv(
      '\ufeffid,compound,kind,name,covers,features,ports,externalId\npost-1,harbour-view,charging-post, Post 1 ,p-1; p-2,,4,\n',
      newDevice,
    );
    expect(problems).toEqual([]);
    expect(rows).toEqual([
      {
        line: 2,
        row: {
          id: 'post-1',
          compound: 'harbour-view',
          kind: 'charging-post',
          name: 'Post 1',
          dialect: 'canonical',
          covers: ['p-1', 'p-2'],
          features: [],
          ports: 4,
        },
      },
    ]);
  });

  test('problems name the line as an editor counts it, and the field', () => {
    const text = [
      'id,kind,name',
      '',
      'p-1,entrance,"North',
      'entrance"',
      '',
      'p-2,drawbridge,South',
      'P 3,entrance,West',
    ].join('\n');
    const { rows, problems } = readCsv(text, position);
    expect(rows.map(({ row }) => row.id)).toEqual(['p-1']);
    expect(problems.map(({ line, field }) => [line, field])).toEqual([
      [6, 'kind'],
      [7, 'id'],
    ]);
  });

  test('a column nobody knows and a number that is none are problems', () => {
    const { problems } = readCsv('id,kind,name,colour\np-1,entrance,North,red\n', position);
    expect(problems).toMatchObject([{ line: 2, field: 'colour' }]);
    const ports = 'id,compound,kind,name,ports\npost-1,harbour-view,charging-post,Post,four\n';
    expect(readCsv(ports, newDevice).problems).toMatchObject([{ line: 2, field: 'ports' }]);
  });

  test.each([
    ['more cells than columns', 'id,kind,name\np-1,entrance,North,South\n'],
    ['a quote that never closes', 'id,kind,name\np-1,entrance,"North\n'],
  ])('%s: no CSV', (_, text) => {
    expect(() => readCsv(text, position)).toThrow(expect.objectContaining({ status: 400, code: 'csv.broken' }));
  });

  test('a header alone has no rows', () => {
    expect(readCsv('id,kind,name\n', position)).toEqual({ rows: [], problems: [] });
  });

  test('are 20,000 at most', () => {
    const file = (count: number): string => `id\n${'p-1\n'.repeat(count)}`;
    expect(readCsv(file(20_000), position).problems).not.toEqual([]);
    expect(() => readCsv(file(20_001), position)).toThrow('split the file');
  });
});
