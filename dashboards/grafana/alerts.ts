import { QueryBuilder, type Rule, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { sql } from './sources.ts';

/** Grafana's own evaluator of thresholds. */
const expressions = '__expr__';

interface Alert {
  uid: string;
  /** Chinese and English. */
  title: string;
  summary: string;
  description: string;
  severity: 'warning' | 'critical';
  forDuration: string;
  /** One row per thing watched: texts that name it, and one number. Never empty while the hub is well. */
  rows: string;
  fires: { when: 'gt' | 'lt'; than: number };
}

const threshold = (when: 'gt' | 'lt', than: number): Builder<Dataquery> => ({
  build: () => ({
    ...{ refId: 'B', type: 'threshold', expression: 'A', datasource: { type: expressions, uid: expressions } },
    conditions: [{ type: 'query', evaluator: { type: when, params: [than] } }],
    _implementsDataqueryVariant: () => undefined,
  }),
});

const lastHour = { from: 3600, to: 0 };

// `.Labels.x` and not `$labels.x`: provisioning reads a dollar as a variable of the environment.
const alerts: readonly Alert[] = [
  {
    uid: 'xingyuan-compound-at-risk',
    title: '小区星级有风险 Compound at risk of losing its star',
    summary: '{{ .Labels.name }}：已降至目标星级以下，或距目标分数线不足 3 分',
    description:
      '{{ .Labels.name }} ({{ .Labels.compound }}) once held its target stars and has fallen below them, or has less than three points left above the band.',
    severity: 'warning',
    forDuration: '30m',
    rows: `SELECT c.compound, c.name, CASE WHEN p.reached_at IS NULL THEN 100
        WHEN p.holds_now THEN c.headroom_points ELSE least(0, c.headroom_points) END AS headroom
    FROM reporting_v1.compound c JOIN reporting_v1.programme p USING (compound) WHERE c.stars IS NOT NULL`,
    fires: { when: 'lt', than: 3 },
  },
  {
    uid: 'xingyuan-compound-silent',
    title: '小区无数据 No data from a compound',
    summary: '{{ .Labels.name }}：一小时以上没有任何设备数据',
    description: 'Nothing came from any device of {{ .Labels.name }} ({{ .Labels.compound }}) for more than an hour.',
    severity: 'critical',
    forDuration: '5m',
    rows: `SELECT compound, name, extract(epoch FROM now() - last_heard_at)::double precision AS silent_seconds
    FROM reporting_v1.compound WHERE connected`,
    fires: { when: 'gt', than: 3600 },
  },
  {
    uid: 'xingyuan-projection-lag',
    title: '投影滞后 A read model lags',
    summary: '投影 {{ .Labels.projection }} 滞后超过 5 分钟，看板数据已过时',
    description: 'The read model {{ .Labels.projection }} is more than five minutes behind the log: figures are old.',
    severity: 'critical',
    forDuration: '5m',
    rows: `SELECT projection, coalesce(lag_seconds, 0) AS lag_seconds FROM reporting_v1.projection`,
    fires: { when: 'gt', than: 300 },
  },
];

const folder = '运行 Operations';
const group = 'xingyuan';

const ruleOf = ({ uid, title, summary, description, severity, forDuration, rows, fires }: Alert): Rule =>
  new RuleBuilder(title)
    .uid(uid)
    .folderUID(folder)
    .ruleGroup(group)
    .orgID(1)
    .condition('B')
    .withQuery(
      new QueryBuilder('A').datasourceUid('xingyuan-reports').relativeTimeRange(lastHour).model(sql('table', rows)),
    )
    .withQuery(
      new QueryBuilder('B')
        .datasourceUid(expressions)
        .relativeTimeRange(lastHour)
        .model(threshold(fires.when, fires.than)),
    )
    .forDuration(forDuration)
    .labels({ severity, service: 'xingyuan' })
    .annotations({ summary, description })
    .noDataState('NoData')
    .execErrState('Error')
    .build();

/** The file that Grafana provisions rules from; it names some things otherwise than Grafana's own API. */
export const alertFile = () => ({
  apiVersion: 1,
  groups: [
    {
      ...{ orgId: 1, name: group, folder, interval: '1m' },
      rules: alerts.map(ruleOf).map(({ folderUID: _folder, ruleGroup: _group, orgID: _org, ...rule }) => rule),
    },
  ],
});
