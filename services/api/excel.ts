import { readSheet } from 'read-excel-file/node';
import type { z } from 'zod';
import { type CheckedRows, checkedRows } from './csv.ts';
import { ApiRefusal } from './problem.ts';

export const excelType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Rows of an Excel file's first sheet, whose first row is the header, each checked against `schema`. */
export const readExcel = async <Row>(bytes: Buffer, schema: z.ZodType<Row>): Promise<CheckedRows<Row>> => {
  const sheet = await readSheet(bytes).catch((error: Error) => {
    throw new ApiRefusal(400, 'excel.broken', `The file is no Excel file (.xlsx) with a header row: ${error.message}`);
  });
  const [header = [], ...body] = sheet;
  const columns = header.map((cell) => String(cell ?? '').trim());
  const lines = body.map((cells, index) => ({
    line: index + 2,
    cells: columns.map((column, at) => [column, String(cells[at] ?? '').trim()] as const),
  }));
  return checkedRows(
    lines.filter(({ cells }) => cells.some(([, cell]) => cell !== '')),
    schema,
  );
};
