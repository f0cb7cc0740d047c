import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, place } from './frame.ts';
import { heading, lines, stacked, stat, table } from './panels.ts';
import { metrics, prom, sql } from './sources.ts';

const figures = [
  stat({ title: '就绪进程', english: 'Hub processes that are ready' }, prom('sum(hub_ready)', 'ready'), [
    [0, 'orange'],
    [1, 'green'],
  ]).datasource(metrics),
  stat({ title: '设备连接', english: 'Open MQTT connections' }, prom('sum(hub_mqtt_connections)', 'open')).datasource(
    metrics,
  ),
  stat(
    { title: '最大滞后', english: 'The read model furthest behind the log' },
    sql('table', `SELECT coalesce(max(lag_seconds), 0) AS "滞后" FROM reporting_v1.projection`),
    [[60, 'orange']],
  ).unit('s'),
  stat(
    { title: '未处理死信', english: 'Refused payloads of the chosen time that were not taken up again' },
    sql(
      'table',
      `SELECT count(*) AS "死信" FROM reporting_v1.dead_letter WHERE replayed_at IS NULL AND $__timeFilter(time)`,
    ),
  ),
];

const ingestRate = stacked(
  { title: '入库速率', english: 'Events recorded per second, by type' },
  prom('sum by (type) (rate(hub_events_total[$__rate_interval]))', '{{type}}'),
)
  .datasource(metrics)
  .unit('cps')
  .span(12);

const outcomes = lines(
  { title: '消息处理结果', english: 'MQTT messages per second by what became of them, and those that failed' },
  prom('sum by (outcome) (rate(hub_messages_total[$__rate_interval]))', '{{outcome}}'),
  prom('sum(rate(hub_ingest_failures_total[$__rate_interval]))', 'failed', 'B'),
)
  .datasource(metrics)
  .unit('cps')
  .span(12);

const quantile = (share: number): string =>
  `histogram_quantile(${share}, sum by (le) (rate(hub_acknowledge_seconds_bucket[$__rate_interval])))`;

const acknowledgement = lines(
  { title: 'PUBACK 延迟', english: 'From a message read to its acknowledgement, the commit included' },
  prom(quantile(0.5), 'p50'),
  prom(quantile(0.99), 'p99', 'B'),
)
  .datasource(metrics)
  .unit('s')
  .span(12);

const lagNow = lines(
  { title: '投影滞后', english: 'How far each read model is behind, as its process tells it' },
  prom('max by (projection) (hub_projection_lag_seconds)', '{{projection}}'),
)
  .datasource(metrics)
  .unit('s')
  .span(12);

const refusedConnections = lines(
  { title: '被拒连接', english: 'MQTT connections or packets refused before a payload was read, by reason' },
  prom('sum by (reason) (rate(hub_mqtt_connections_refused_total[$__rate_interval]))', '{{reason}}'),
)
  .datasource(metrics)
  .unit('cps')
  .span(12);

const resources = lines(
  { title: '内存与事件循环', english: 'Resident memory, and how late Node’s event loop runs (p99)' },
  prom('process_resident_memory_bytes', '{{instance}} memory'),
  prom('nodejs_eventloop_lag_p99_seconds', '{{instance}} event loop', 'B'),
)
  .datasource(metrics)
  .unit('bytes')
  .overrideByQuery('B', [
    { id: 'unit', value: 's' },
    { id: 'custom.axisPlacement', value: 'right' },
  ])
  .span(12);

const projections = table(
  { title: '各投影进度', english: 'Every read model: what is in the log and not yet in it' },
  sql(
    'table',
    `SELECT projection, events_behind, lag_seconds, updated_at FROM reporting_v1.projection
    ORDER BY lag_seconds DESC NULLS LAST, projection`,
  ),
)
  .overrideByName('projection', heading('投影'))
  .overrideByName('events_behind', heading('未处理事件'))
  .overrideByName('lag_seconds', [...heading('滞后'), { id: 'unit', value: 's' }])
  .overrideByName('updated_at', [...heading('最近更新'), { id: 'unit', value: 'dateTimeFromNow' }])
  .span(12);

const byCompound = stacked(
  { title: '各小区数据量', english: 'Events per hour by compound; a line that ends is a compound that fell silent' },
  sql(
    'time_series',
    `SELECT i.time, c.name AS metric, sum(i.events) AS value
    FROM reporting_v1.ingest_hour i JOIN reporting_v1.compound c USING (compound)
    WHERE $__timeFilter(i.time) GROUP BY i.time, c.name ORDER BY i.time, c.name`,
  ),
).span(12);

const late = lines(
  {
    title: '迟到与时钟异常',
    english: 'Share of events received later than 60 s, and with a clock that was not believed',
  },
  sql(
    'time_series',
    `SELECT time, 100.0 * sum(late) / sum(events) AS "迟到", 100.0 * sum(clock_untrusted) / sum(events) AS "时钟异常"
    FROM reporting_v1.ingest_hour WHERE $__timeFilter(time) GROUP BY time ORDER BY time`,
  ),
)
  .unit('percent')
  .min(0)
  .span(12);

const deadLetters = stacked(
  { title: '死信', english: 'Refused payloads per hour, by reason' },
  sql(
    'time_series',
    `SELECT date_trunc('hour', time) AS time, code AS metric, count(*) AS value FROM reporting_v1.dead_letter
    WHERE $__timeFilter(time) GROUP BY 1, code ORDER BY 1, code`,
  ),
)
  .decimals(0)
  .span(12);

const senders = table(
  { title: '死信来源', english: 'Who sends what is refused, and why; the payloads themselves are in the hub' },
  sql(
    'table',
    `SELECT d.device, c.name AS compound, d.dialect, d.code, count(*) AS refused,
      count(d.replayed_at) AS replayed, max(d.time) AS newest
    FROM reporting_v1.dead_letter d LEFT JOIN reporting_v1.compound c USING (compound)
    WHERE $__timeFilter(d.time) GROUP BY d.device, c.name, d.dialect, d.code ORDER BY refused DESC, d.device`,
  ),
)
  .overrideByName('device', [
    ...heading('设备', { title: '打开设备 Open', url: `\${hub_url}/#/devices/\${__value.raw:percentencode}` }),
  ])
  .overrideByName('compound', heading('小区'))
  .overrideByName('dialect', heading('方言'))
  .overrideByName('code', heading('原因'))
  .overrideByName('refused', heading('拒收'))
  .overrideByName('replayed', heading('已重放'))
  .overrideByName('newest', [...heading('最近'), { id: 'unit', value: 'dateTimeFromNow' }])
  .span(12);

const silence = table(
  { title: '无数据小区', english: 'Connected compounds by how long nothing came from any of their devices' },
  sql(
    'table',
    `SELECT name, extract(epoch FROM now() - last_heard_at) AS silent_seconds, devices FROM reporting_v1.compound
    WHERE connected ORDER BY last_heard_at`,
  ),
)
  .overrideByName('name', heading('小区'))
  .overrideByName('silent_seconds', [...heading('无数据时长'), { id: 'unit', value: 's' }])
  .overrideByName('devices', heading('设备'))
  .span(12);

/** For whoever keeps the hub running. */
export const operations = (): DashboardBuilder => {
  const dashboard = frame({
    uid: 'xingyuan-operations',
    title: '平台运行',
    english: 'Operations: ingest rate, acknowledgement latency, lag of the read models, dead letters',
    from: 'now-24h',
    refresh: '30s',
  });
  const live = [ingestRate, outcomes, acknowledgement, lagNow, refusedConnections, resources];
  const stored = [projections, byCompound, late, deadLetters, senders, silence];
  return place(dashboard, [...figures.map((figure) => figure.span(6)), ...live, ...stored]);
};
