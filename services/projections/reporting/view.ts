/** `[SQL type, unit, meaning]`; the unit is empty where the column has none. */
export type Column = readonly [type: string, unit: string, meaning: string];

/** One view of the reporting interface. Within a version, columns are only added, at the end. */
export interface ReportingView {
  name: string;
  /** What one row is. */
  row: string;
  columns: Readonly<Record<string, Column>>;
  /** The query; its columns in the order above. */
  sql: string;
}

export const reportingSchema = 'reporting_v1';
