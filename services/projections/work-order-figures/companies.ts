import type { Sql } from '../../runtime/sql.ts';
import type { CountCompany } from '../../work-orders/assessments.ts';
import { addSums, type FigureSums, measured, noFigures, noOrdersByClass, type OrdersByClass } from './figures.ts';
import { type CompoundFigures, figuresOfMonth } from './queries.ts';

export interface CompanyMonth {
  company: { id: string; name: string };
  month: string;
  compounds: string[];
  sums: FigureSums;
  orders: OrdersByClass;
}

const addOrders = (into: OrdersByClass, from: OrdersByClass): OrdersByClass =>
  Object.fromEntries(
    Object.entries(into).map(([priority, counts]) => {
      const { open, closed, cancelled } = from[priority as keyof OrdersByClass];
      const sum = { open: counts.open + open, closed: counts.closed + closed, cancelled: counts.cancelled + cancelled };
      return [priority, sum];
    }),
  ) as OrdersByClass;

/** Summed by the company that had the contract as the month ended; compounds without one are left out. */
export const byCompany = (rows: readonly CompoundFigures[]): CompanyMonth[] => {
  const found = new Map<string, CompanyMonth>();
  for (const { company, compound, month, sums, orders } of rows) {
    if (company === null) continue;
    const key = `${company.id}|${month}`;
    const known = found.get(key) ?? {
      ...{ company, month, compounds: [] },
      ...{ sums: noFigures, orders: noOrdersByClass() },
    };
    found.set(key, {
      ...known,
      compounds: [...known.compounds, compound],
      sums: addSums(known.sums, sums),
      orders: addOrders(known.orders, orders),
    });
  }
  return [...found.values()];
};

/** What assessments are counted from. */
export const countCompany =
  (sql: Sql): CountCompany =>
  async (id, month, asOf) => {
    const counted = byCompany(await figuresOfMonth(sql, month, asOf)).find(({ company }) => company.id === id);
    if (counted === undefined) return undefined;
    const { company, compounds, sums } = counted;
    return { companyName: company.name, compounds, households: sums.households, figures: measured(sums) };
  };
