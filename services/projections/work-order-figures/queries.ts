import { DateTime } from 'luxon';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type FigureSums, noFigures, noOrdersByClass, type OrdersByClass, sumNames } from './figures.ts';
import { figuresByClassSql, figuresSql } from './figures-sql.ts';

export interface CompoundFigures {
  compound: string;
  compoundName: string | null;
  month: string;
  company: { id: string; name: string } | null;
  sums: FigureSums;
  orders: OrdersByClass;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Row = Record<string, string | number | null>;

const sumsOf = (row: Row): FigureSums =>
  Object.fromEntries(sumNames.map((name) => [name, Number(row[snake(name)] ?? 0)])) as FigureSums;

const monthStart = (month: string, zone: string): DateTime => DateTime.fromISO(`${month}-01`, { zone });

/** The instant at which a month ends in a zone. */
export const monthEndMs = (month: string, zone: string): number =>
  monthStart(month, zone).plus({ months: 1 }).toMillis();

/** Zones lie up to 14 hours apart from UTC: so much more is read than the month, which each row's own zone cuts. */
const dayMs = 86_400_000;

const spanOf = (first: string, last: string): { fromMs: number; toMs: number } => ({
  fromMs: monthStart(first, 'utc').toMillis() - dayMs,
  toMs: monthEndMs(last, 'utc') + dayMs,
});

export interface AskedFigures {
  /** `2026-03`, both included. */
  first: string;
  last: string;
  asOf: string;
  compound?: string | undefined;
}

/** Every compound that is registered, by month; one without orders has its zeros. */
export const figuresOfMonths = async (
  sql: Sql,
  { first, last, asOf, compound }: AskedFigures,
): Promise<CompoundFigures[]> => {
  const { fromMs, toMs } = spanOf(first, last);
  const of = { asOf: '$1::timestamptz', from: '$2::timestamptz', to: '$3::timestamptz' };
  const given = [asOf, isoTime(fromMs), isoTime(toMs), first, last, compound ?? null];
  const filter = 'month BETWEEN $4 AND $5 AND ($6::text IS NULL OR compound = $6)';
  const [counted, classes] = await Promise.all([
    sql.query<Row>(`SELECT * FROM (${figuresSql(of)}) f WHERE ${filter} ORDER BY compound, month`, given),
    sql.query<Row>(`SELECT * FROM (${figuresByClassSql(of)}) f WHERE ${filter}`, given),
  ]);
  const ordersOf = new Map<string, OrdersByClass>();
  for (const { compound: id, month, priority, state, orders } of classes.rows) {
    const key = `${id}|${month}`;
    const own = ordersOf.get(key) ?? noOrdersByClass();
    own[priority as keyof OrdersByClass][state as 'open' | 'closed' | 'cancelled'] = Number(orders);
    ordersOf.set(key, own);
  }
  return counted.rows.map((row) => ({
    compound: String(row.compound),
    compoundName: row.compound_name as string | null,
    month: String(row.month),
    company: row.company === null ? null : { id: String(row.company), name: String(row.company_name) },
    sums: sumsOf(row),
    orders: ordersOf.get(`${row.compound}|${row.month}`) ?? noOrdersByClass(),
  }));
};

interface RegisterRow {
  compound: string;
  field: string;
  at: Date;
  value: unknown;
}

/**
 * Every compound that was registered before a month ended, with what is counted of it; one in which nothing happened
 * has its zeros. For a company, a month without orders is a good month and not a missing one.
 */
export const figuresOfMonth = async (sql: Sql, month: string, asOf: string): Promise<CompoundFigures[]> => {
  const counted = new Map(
    (await figuresOfMonths(sql, { first: month, last: month, asOf })).map((row) => [row.compound, row]),
  );
  const { rows } = await sql.query<RegisterRow>(
    'SELECT compound, field, at, value FROM hub.figure_register ORDER BY at, revision',
  );
  const told = new Map<string, Map<string, RegisterRow[]>>();
  for (const row of rows) {
    const fields = told.get(row.compound) ?? new Map<string, RegisterRow[]>();
    fields.set(row.field, [...(fields.get(row.field) ?? []), row]);
    told.set(row.compound, fields);
  }
  for (const [compound, fields] of told) {
    if (counted.has(compound)) continue;
    const zone = String(fields.get('timeZone')?.at(-1)?.value ?? 'Asia/Shanghai');
    const endMs = monthEndMs(month, zone);
    const at = (field: string): unknown => fields.get(field)?.findLast((row) => row.at.getTime() < endMs)?.value;
    const name = at('name');
    if (name === undefined) continue;
    counted.set(compound, {
      ...{ compound, month, compoundName: String(name) },
      company: (at('company') ?? null) as CompoundFigures['company'],
      sums: { ...noFigures, households: Number(at('households') ?? 0) },
      orders: noOrdersByClass(),
    });
  }
  return [...counted.values()].sort((left, right) => left.compound.localeCompare(right.compound));
};
