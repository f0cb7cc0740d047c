import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { compound as compoundVariable, explanationLink, frame, place } from './frame.ts';
import { heading, hidden, lines, mapped, stacked, stat, steps, table, verdicts } from './panels.ts';
import { sql } from './sources.ts';

const chosen = `compound = \${compound:sqlstring}`;
const from = (view: string): string => `FROM reporting_v1.${view} WHERE ${chosen}`;

const figures = [
  stat(
    { title: '当前星级', english: 'Stars by the newest rating' },
    sql('table', `SELECT stars AS "星级" ${from('compound')}`),
  ),
  stat(
    { title: '目标星级', english: 'Stars that its profile must hold' },
    sql('table', `SELECT target_stars AS "目标" ${from('compound')}`),
  ),
  stat(
    { title: '总分', english: 'Total points of 100' },
    sql('table', `SELECT total_points AS "总分" ${from('compound')}`),
  ).decimals(1),
  stat(
    { title: '距目标分数线', english: 'Points above what the target stars ask for; negative: below' },
    sql('table', `SELECT headroom_points AS "余量" ${from('compound')}`),
    [
      [-100, 'orange'],
      [3, 'green'],
    ],
  ).decimals(1),
  stat(
    { title: '设备在线率', english: 'Devices online, of those registered' },
    sql(
      'table',
      `SELECT 100.0 * count(*) FILTER (WHERE state = 'online') / greatest(1, count(*)) AS "在线率" ${from('device')}`,
    ),
  )
    .unit('percent')
    .decimals(0),
  stat(
    { title: '超时工单', english: 'Open work orders past the deadline of their next step' },
    sql('table', `SELECT overdue_orders AS "超时" ${from('compound')}`),
    [[1, 'orange']],
  ),
];

const points = lines(
  { title: '总分变化', english: 'Total points, day by day, with what the target stars ask for now' },
  sql(
    'time_series',
    `SELECT d.time, d.total_points AS "总分", c.target_points AS "目标分数线"
    FROM reporting_v1.rating_day d JOIN reporting_v1.compound c USING (compound)
    WHERE $__timeFilter(d.time) AND ${chosen} ORDER BY d.time`,
  ),
)
  .min(0)
  .max(100)
  .span(12);

const stars = steps(
  { title: '星级变化', english: 'Stars, day by day, with the target' },
  sql(
    'time_series',
    `SELECT time, stars AS "星级", target_stars AS "目标" ${from('rating_day')} AND $__timeFilter(time) ORDER BY time`,
  ),
)
  .min(0)
  .max(5)
  .decimals(0)
  .span(12);

const categories = lines(
  { title: '各类得分率', english: 'Points earned of those to be had, by category, day by day' },
  sql(
    'time_series',
    `SELECT time, category AS metric, 100 * points / points_max AS value ${from('category_day')} AND points_max > 0
    AND $__timeFilter(time) ORDER BY time, category`,
  ),
)
  .unit('percent')
  .min(0)
  .max(100)
  .span(12);

const changes = table(
  { title: '星级变动记录', english: 'Every change of stars in the chosen time, with its causes' },
  sql(
    'table',
    `SELECT time, compound, from_stars, to_stars, total_points, causes_zh, standard ${from('rating_change')}
    AND $__timeFilter(time) ORDER BY time DESC`,
  ),
)
  .overrideByName('time', heading('时间'))
  .overrideByName('compound', hidden)
  .overrideByName('from_stars', heading('原星级'))
  .overrideByName('to_stars', heading('新星级', explanationLink('compound')))
  .overrideByName('total_points', [...heading('总分'), { id: 'decimals', value: 1 }])
  .overrideByName('causes_zh', heading('原因'))
  .overrideByName('standard', heading('标准'))
  .height(8)
  .span(12);

const criteria = table(
  { title: '评价指标', english: 'Every criterion by the newest rating; the verdict leads to the hub’s explanation' },
  sql(
    'table',
    `SELECT compound, criterion, title_zh, category, value, unit, threshold_3, threshold_4, threshold_5, verdict, points,
      points_max, basis, explanation_zh ${from('criterion')} ORDER BY category, criterion`,
  ),
)
  .overrideByName('compound', hidden)
  .overrideByName('criterion', heading('编号'))
  .overrideByName('title_zh', heading('指标'))
  .overrideByName('category', heading('类别'))
  .overrideByName('value', [...heading('实测'), { id: 'decimals', value: 1 }])
  .overrideByName('unit', heading('单位'))
  .overrideByName('threshold_3', heading('3★'))
  .overrideByName('threshold_4', heading('4★'))
  .overrideByName('threshold_5', heading('5★'))
  .overrideByName('verdict', [...heading('结论', explanationLink('compound')), ...verdicts])
  .overrideByName('points', [...heading('得分'), { id: 'decimals', value: 2 }])
  .overrideByName('points_max', heading('满分'))
  .overrideByName('basis', heading('依据'))
  .overrideByName('explanation_zh', heading('说明'))
  .span(24)
  .height(14);

const missing = table(
  { title: '距下一星还缺', english: 'What is missing for the next star' },
  sql('table', `SELECT compound, for_stars, about, item, text_zh ${from('missing')} AND is_next ORDER BY about, item`),
)
  .overrideByName('compound', hidden)
  .overrideByName('for_stars', heading('目标星级', explanationLink('compound')))
  .overrideByName('about', [
    ...heading('类型'),
    ...mapped({
      criterion: { text: '指标', color: 'text' },
      floor: { text: '类别底线', color: 'text' },
      total: { text: '总分', color: 'text' },
    }),
  ])
  .overrideByName('item', heading('编号'))
  .overrideByName('text_zh', heading('还缺'))
  .span(12);

const stateWords = mapped({
  online: { text: '在线', color: 'green' },
  offline: { text: '离线', color: 'orange' },
  silent: { text: '无数据', color: 'orange' },
  'never-heard': { text: '从未上线', color: 'text' },
});

const devices = table(
  { title: '异常设备', english: 'Devices that are not online or report a fault, those heard longest ago first' },
  sql(
    'table',
    `SELECT name, kind, position, state, last_heard_at, fault_codes, battery_percent ${from('device')}
    AND (state <> 'online' OR standing_faults > 0) ORDER BY last_heard_at NULLS FIRST, name`,
  ),
)
  .overrideByName('name', heading('设备'))
  .overrideByName('kind', heading('种类'))
  .overrideByName('position', heading('位置'))
  .overrideByName('state', [...heading('状态'), ...stateWords])
  .overrideByName('last_heard_at', [...heading('最近数据'), { id: 'unit', value: 'dateTimeFromNow' }])
  .overrideByName('fault_codes', heading('故障'))
  .overrideByName('battery_percent', [...heading('电量'), { id: 'unit', value: 'percent' }])
  .span(12);

const orders = table(
  { title: '未结工单', english: 'Open work orders, most pressing first' },
  sql(
    'table',
    `SELECT work_order, title_zh, priority, state, raised_at, next_due_at, overdue ${from('work_order')} AND open
    ORDER BY priority, next_due_at NULLS LAST, raised_at`,
  ),
)
  .overrideByName('work_order', [
    ...heading('工单', { title: '打开工单 Open', url: `\${hub_url}/#/orders/\${__value.raw:percentencode}` }),
  ])
  .overrideByName('title_zh', heading('事由'))
  .overrideByName('priority', heading('级别'))
  .overrideByName('state', heading('状态'))
  .overrideByName('raised_at', heading('发生'))
  .overrideByName('next_due_at', [...heading('下一时限'), { id: 'unit', value: 'dateTimeFromNow' }])
  .overrideByName('overdue', heading('超时'))
  .span(12);

const punctuality = lines(
  { title: '工单按时率', english: 'Share of orders raised that day that were arrived at and resolved on time' },
  sql(
    'time_series',
    `SELECT date_trunc('day', raised_at, 'Asia/Shanghai') AS time,
      100.0 * count(*) FILTER (WHERE arrived_on_time) / nullif(count(arrived_on_time), 0) AS "按时到场",
      100.0 * count(*) FILTER (WHERE resolved_on_time) / nullif(count(resolved_on_time), 0) AS "按时修复"
    ${from('work_order')} AND $__timeFilter(raised_at) GROUP BY 1 ORDER BY 1`,
  ),
)
  .unit('percent')
  .min(0)
  .max(100)
  .span(12);

const volume = stacked(
  { title: '设备数据量', english: 'Events from the compound’s devices per hour, by subject' },
  sql(
    'time_series',
    `SELECT time, subject AS metric, events AS value ${from('ingest_hour')} AND $__timeFilter(time)
    ORDER BY time, subject`,
  ),
).span(12);

const water = lines(
  { title: '消防水压', english: 'Fire-water pressure, highest and lowest of each interval, by device' },
  sql(
    'time_series',
    `SELECT $__timeGroup(time, $__interval) AS time, device AS metric, min(value) AS "最低", max(value) AS "最高"
    ${from('reading')} AND quantity = 'pressureKPa' AND $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1, 2`,
  ),
)
  .unit('kpa')
  .interval('10m')
  .span(12);

/** One compound, for the bureau and its property company. */
export const compound = (): DashboardBuilder => {
  const dashboard = frame({
    uid: 'xingyuan-compound',
    title: '小区详情',
    english: 'Compound: its rating over time, its criteria, what is missing, its devices and its work orders',
    from: 'now-30d',
    refresh: '5m',
  }).withVariable(compoundVariable);
  const panels = [points, stars, categories, changes, criteria, missing, devices, orders, punctuality, volume, water];
  return place(dashboard, [...figures.map((figure) => figure.span(4)), ...panels]);
};
