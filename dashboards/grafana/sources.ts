import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';

/** As infra/grafana/provisioning/datasources names them. */
export const reports = { type: 'grafana-postgresql-datasource', uid: 'xingyuan-reports' };
export const metrics = { type: 'prometheus', uid: 'xingyuan-metrics' };

export interface SqlTarget {
  refId: string;
  datasource: typeof reports;
  rawSql: string;
  /** `time_series` wants a column `time`, and makes a line of every number and text beside it. */
  format: 'table' | 'time_series';
  rawQuery: true;
  editorMode: 'code';
}

/** The SDK has no builder for PostgreSQL; Grafana wants no more than this. */
export const sql = (format: SqlTarget['format'], rawSql: string, refId = 'A'): Builder<Dataquery> => ({
  build: () => {
    const target: SqlTarget = {
      ...{ refId, datasource: reports, rawSql: rawSql.trim().replace(/\n {4}/g, '\n') },
      ...{ format, rawQuery: true, editorMode: 'code' },
    };
    return { ...target, _implementsDataqueryVariant: () => undefined };
  },
});

export const prom = (expr: string, legend: string, refId = 'A'): Builder<Dataquery> =>
  new DataqueryBuilder()
    .refId(refId)
    .datasource(metrics)
    .expr(expr)
    .legendFormat(legend)
    .format(PromQueryFormat.TimeSeries)
    .editorMode(QueryEditorMode.Code)
    .range();
