import { type ReportingView, reportingSchema } from './view.ts';
import { reportingViews } from './views.ts';

const introduction = `# Reporting views, version 1

Schema \`${reportingSchema}\` is what Grafana, and whoever else wants figures from the hub's database, may rely on. The
tables in schema \`hub\` are nobody else's: they change with any release.

- Within version 1, columns are only added, at the end of a view. What must change otherwise becomes \`reporting_v2\`,
  and both stand side by side for a year.
- Role \`xingyuan_report\` may read these views and nothing else. With \`HUB_REPORT_PASSWORD\` set, the hub creates the
  login \`xingyuan_grafana\` as its member: read-only, and a statement ends after 30 s. Leaving the variable out later
  leaves the login as it is; \`DROP ROLE xingyuan_grafana\` takes it away. Where the hub's own database user may not
  create roles, an administrator creates both, and the hub grants the views to \`xingyuan_report\` at its next start.
- Instants are \`timestamptz\`. The column to plot or to filter by is called \`time\`.
- No person's name, plate, card or face is in any view.
- A rebuild of a read model empties the views that stand on it until the log has been replayed; they don't vanish. When a
  new version of the hub changes a read model's tables, they are gone for the seconds in which it starts.
- Days are recorded while the hub runs: \`rating_day\`, \`category_day\` and \`criterion_day\` begin with the first day on
  which a hub with these views ran, and a day on which none ran is missing.
- \`projection.events_behind\` and \`lag_seconds\` are null where the event log is not in this database (KurrentDB); the
  metric \`hub_projection_lag_seconds\` tells there.

Written by \`npx tsx services/projections/reporting/write-readme.ts\` from the views themselves.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Padded as the formatter wants it. */
const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]!.map((_, at) => Math.max(3, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, at) => text.padEnd(widths[at]!)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
};

const describeView = ({ name, row, columns }: ReportingView): string => {
  const rows = Object.entries(columns).map(([column, [type, unit, meaning]]) => [
    ...[`\`${column}\``, type, cell(unit), cell(meaning)],
  ]);
  return [`## ${name}`, '', row, '', ...table([['column', 'type', 'unit', 'meaning'], ...rows]), ''].join('\n');
};

/** The document beside the views. */
export const describeReporting = (): string => [introduction, ...reportingViews.map(describeView)].join('\n');
