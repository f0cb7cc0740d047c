import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { ApiRefusal } from './problem.ts';

/** Rows are checked in one go, which holds up the devices' acknowledgements meanwhile. */
const rowsMax = 20_000;

export interface RowProblem {
  /** Line of the file, the header being line 1. */
  line: number;
  field: string;
  message: string;
}

interface Parsed {
  record: Record<string, string>;
  /** Empty lines and line breaks within quotes are counted too. */
  info: { lines: number };
}

/** Columns whose cells hold several values, separated by `;`. */
const listColumns = new Set(['covers', 'features']);
const numberColumns = new Set(['ports']);

const cellValue = (column: string, cell: string): unknown => {
  if (listColumns.has(column)) return cell.split(';').map((part) => part.trim());
  if (numberColumns.has(column)) return Number(cell);
  return cell;
};

export interface CheckedRows<Row> {
  rows: { line: number; row: Row }[];
  problems: RowProblem[];
}

/** Each row against `schema`; empty cells are left out, `extra` is added to every row. */
export const checkedRows = <Row>(
  lines: readonly { line: number; cells: readonly (readonly [column: string, cell: string])[] }[],
  schema: z.ZodType<Row>,
  extra: Record<string, unknown> = {},
): CheckedRows<Row> => {
  if (lines.length > rowsMax) {
    throw new ApiRefusal(413, 'csv.too-long', `At most ${rowsMax} rows are taken at once: split the file.`);
  }
  const rows: CheckedRows<Row>['rows'] = [];
  const problems: RowProblem[] = [];
  for (const { line, cells } of lines) {
    const filled = cells.filter(([, cell]) => cell !== '');
    const result = schema.safeParse({
      ...Object.fromEntries(filled.map(([column, cell]) => [column, cellValue(column, cell)])),
      ...extra,
    });
    if (result.success) rows.push({ line, row: result.data });
    else {
      for (const issue of result.error.issues) {
        const field = issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : issue.path.join('.');
        problems.push({ line, field, message: issue.message });
      }
    }
  }
  return { rows, problems };
};

/**
 * Rows of a CSV file with a header, each checked against `schema`. Throws an `ApiRefusal` when the file is no CSV at all.
 */
export const readCsv = <Row>(
  text: string,
  schema: z.ZodType<Row>,
  extra: Record<string, unknown> = {},
): CheckedRows<Row> => {
  let records: Parsed[];
  try {
    const options = { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true, to: rowsMax + 1 };
    records = parse(text, options) as unknown as Parsed[];
  } catch (error) {
    throw new ApiRefusal(400, 'csv.broken', `The file is no CSV with a header line: ${(error as Error).message}`);
  }
  const lines = records.map(({ record, info }) => ({ line: info.lines, cells: Object.entries(record) }));
  return checkedRows(lines, schema, extra);
};
