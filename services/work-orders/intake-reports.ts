import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import type { IntakeKind } from './intake.ts';

/** Long enough for a complaint, its redo and the month's assessment. */
const keptDays = 180;

export interface StoredReport {
  order: string;
  compound: string;
  kind: IntakeKind;
  contact: string | null;
  place: string | null;
  words: string | null;
  reportedAt: string;
  erasedAt: string | null;
}

interface Row {
  work_order: string;
  compound: string;
  kind: IntakeKind;
  contact: string | null;
  place: string | null;
  words: string | null;
  reported_at: Date;
  erased_at: Date | null;
}

const fromRow = ({ work_order: order, reported_at, erased_at, ...row }: Row): StoredReport => ({
  order,
  compound: row.compound,
  kind: row.kind,
  contact: row.contact,
  place: row.place,
  words: row.words,
  reportedAt: isoTime(reported_at.getTime()),
  erasedAt: erased_at === null ? null : isoTime(erased_at.getTime()),
});

const columns = 'work_order, compound, kind, contact, place, words, reported_at, erased_at';

/** A report that is there already stays as it is. */
export const putReport = async (
  sql: Sql,
  receiptSha256: string,
  report: Omit<StoredReport, 'erasedAt'>,
): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.intake_report (receipt_sha256, ${columns}, erase_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $8::timestamptz + $9 * interval '1 day') ON CONFLICT DO NOTHING`,
    [
      receiptSha256,
      report.order,
      report.compound,
      report.kind,
      report.contact,
      report.place,
      report.words,
      report.reportedAt,
      keptDays,
    ],
  );
};

export const reportOfReceipt = async (sql: Sql, receiptSha256: string): Promise<StoredReport | undefined> => {
  const { rows } = await sql.query<Row>(`SELECT ${columns} FROM hub.intake_report WHERE receipt_sha256 = $1`, [
    receiptSha256,
  ]);
  return rows.map(fromRow)[0];
};

export const reportOfOrder = async (sql: Sql, order: string): Promise<StoredReport | undefined> => {
  const { rows } = await sql.query<Row>(`SELECT ${columns} FROM hub.intake_report WHERE work_order = $1`, [order]);
  return rows.map(fromRow)[0];
};

/** Answers whether there was something left to erase. */
export const eraseReport = async (sql: Sql, order: string, at: string): Promise<boolean> => {
  const { rowCount } = await sql.query(
    `UPDATE hub.intake_report SET contact = NULL, place = NULL, words = NULL, erased_at = $2
     WHERE work_order = $1 AND erased_at IS NULL`,
    [order, at],
  );
  return rowCount !== 0;
};

/** Erases what has been kept for long enough. */
export const eraseOldReports = async (sql: Sql, at: string): Promise<number> => {
  const { rowCount } = await sql.query(
    `UPDATE hub.intake_report SET contact = NULL, place = NULL, words = NULL, erased_at = $1
     WHERE erased_at IS NULL AND erase_at <= $1`,
    [at],
  );
  return rowCount ?? 0;
};
