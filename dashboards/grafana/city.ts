import { type DashboardBuilder, TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { compoundLink, district, districtSql, explanationLink, frame, place } from './frame.ts';
import { bars, heading, hidden, lines, stacked, stat, table } from './panels.ts';
import { sql } from './sources.ts';

const chosen = `${districtSql} IN (\${district:sqlstring})`;
const thisYear = `extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')`;

const standingNames = `CASE standing WHEN 'not-connected' THEN '未接入' WHEN 'not-rated' THEN '未评定'
      WHEN '0' THEN '无星' ELSE standing || '★' END`;

const goal = new TextBoxVariableBuilder('goal')
  .label('年度目标 Goal')
  .description('Star compounds that this year’s programme asks for')
  .defaultValue('100')
  .current({ text: '100', value: '100' });

const figures = [
  stat(
    { title: '小区总数', english: 'Compounds registered' },
    sql('table', `SELECT count(*) AS "小区" FROM reporting_v1.compound WHERE ${chosen}`),
  ),
  stat(
    { title: '已接入', english: 'Connected: any device of the compound was ever heard' },
    sql('table', `SELECT count(*) FILTER (WHERE connected) AS "已接入" FROM reporting_v1.compound WHERE ${chosen}`),
  ),
  stat(
    {
      title: '未接入',
      english: 'Not connected: registered, and nothing was heard yet; a state of its own, not no star',
    },
    sql('table', `SELECT count(*) FILTER (WHERE NOT connected) AS "未接入" FROM reporting_v1.compound WHERE ${chosen}`),
  ),
  stat(
    { title: '达标', english: 'At target: new compounds with four stars, retrofitted ones with three' },
    sql('table', `SELECT count(*) FILTER (WHERE at_target) AS "达标" FROM reporting_v1.compound WHERE ${chosen}`),
  ),
  stat(
    { title: '本年创建', english: 'This year’s programme: compounds that first reached their target this year' },
    sql(
      'table',
      `SELECT count(*) AS "本年创建" FROM reporting_v1.programme WHERE reached_year = ${thisYear} AND ${chosen}`,
    ),
  ),
  stat(
    { title: '本年目标完成率', english: 'Share of the year’s goal that was reached' },
    sql(
      'table',
      `SELECT 100.0 * count(*) / greatest(1, \${goal}) AS "完成率" FROM reporting_v1.programme
    WHERE reached_year = ${thisYear} AND ${chosen}`,
    ),
  )
    .unit('percent')
    .decimals(0),
];

const distribution = bars(
  { title: '星级分布', english: 'How many compounds stand at how many stars; not connected stands apart' },
  sql(
    'table',
    `SELECT ${standingNames} AS "星级", count(*) AS "小区" FROM reporting_v1.compound WHERE ${chosen}
    GROUP BY standing ORDER BY array_position(ARRAY['not-connected', 'not-rated'], standing) NULLS LAST, standing`,
  ),
  '星级',
).span(12);

const byDistrict = bars(
  { title: '各区市星级', english: 'Compounds by district and stars' },
  sql(
    'table',
    `SELECT ${districtSql} AS "区市", count(*) FILTER (WHERE standing = 'not-connected') AS "未接入",
      count(*) FILTER (WHERE standing IN ('0', 'not-rated')) AS "无星", count(*) FILTER (WHERE standing = '1') AS "1★",
      count(*) FILTER (WHERE standing = '2') AS "2★", count(*) FILTER (WHERE standing = '3') AS "3★",
      count(*) FILTER (WHERE standing = '4') AS "4★", count(*) FILTER (WHERE standing = '5') AS "5★"
    FROM reporting_v1.compound WHERE ${chosen} GROUP BY 1 ORDER BY 1`,
  ),
  '区市',
).span(12);

const overTime = stacked(
  { title: '星级分布变化', english: 'Compounds by stars, day by day' },
  sql(
    'time_series',
    `SELECT d.time, CASE d.stars WHEN 0 THEN '无星' ELSE d.stars || '★' END AS metric, count(*) AS value
    FROM reporting_v1.rating_day d JOIN reporting_v1.compound c USING (compound)
    WHERE $__timeFilter(d.time) AND ${chosen} GROUP BY d.time, d.stars ORDER BY d.time, d.stars`,
  ),
)
  .decimals(0)
  .span(12);

const programme = lines(
  {
    title: '年度创建进度',
    english: 'Programme of the year: compounds that reached their target, against an even pace',
  },
  sql(
    'time_series',
    `WITH days AS (
      SELECT generate_series(date_trunc('year', now(), 'Asia/Shanghai'), now(), '1 day') AS time
    )
    SELECT days.time, (SELECT count(*) FROM reporting_v1.programme p
        WHERE p.reached_year = ${thisYear} AND p.reached_at < days.time + interval '1 day' AND ${chosen}) AS "已达标",
      round(\${goal} * extract(epoch FROM days.time - date_trunc('year', now(), 'Asia/Shanghai')) / 31557600) AS "计划"
    FROM days ORDER BY days.time`,
  ),
)
  .decimals(0)
  .min(0)
  .span(12);

const byDistrictInYear = table(
  {
    title: '年度计划：各区市',
    english:
      'Programme of the year by district: counted this year, holding their star, and the year’s end by the trend',
  },
  sql(
    'table',
    `SELECT ${districtSql} AS district, compounds, connected, compounds - connected AS not_connected, holding, counted,
      at_risk, forecast
    FROM reporting_v1.programme_district WHERE ${chosen} ORDER BY counted DESC, holding DESC, 1`,
  ),
)
  .overrideByName('district', heading('区市'))
  .overrideByName('compounds', heading('小区'))
  .overrideByName('connected', heading('已接入'))
  .overrideByName('not_connected', heading('未接入'))
  .overrideByName('holding', heading('达标'))
  .overrideByName('counted', heading('本年计入'))
  .overrideByName('at_risk', heading('有降星风险'))
  .overrideByName('forecast', heading('年底预测'))
  .span(24);

const compounds = table(
  {
    title: '各小区星级',
    english:
      'Every compound with its stars and, where a star is at risk in the next window, what is expected; the star leads to the hub’s own explanation',
  },
  sql(
    'table',
    `SELECT c.compound, name, ${districtSql} AS district, profile, ${standingNames} AS standing, target_stars,
      total_points, headroom_points, r.expected_stars, r.expected_on, r.criteria_zh AS at_risk_by, households, devices,
      open_orders, overdue_orders, last_heard_at
    FROM reporting_v1.compound c LEFT JOIN reporting_v1.star_risk r ON r.compound = c.compound
    WHERE ${chosen} ORDER BY c.stars NULLS FIRST, total_points NULLS FIRST, name`,
  ),
)
  .overrideByName('compound', hidden)
  .overrideByName('name', heading('小区', compoundLink('compound')))
  .overrideByName('district', heading('区市'))
  .overrideByName('profile', [
    ...heading('类型'),
    { id: 'mappings', value: [{ type: 'value', options: { new: { text: '新建' }, retrofit: { text: '改造' } } }] },
  ])
  .overrideByName('standing', heading('星级', explanationLink('compound')))
  .overrideByName('target_stars', heading('目标'))
  .overrideByName('total_points', [...heading('总分'), { id: 'decimals', value: 1 }])
  .overrideByName('headroom_points', [...heading('距目标分数线'), { id: 'decimals', value: 1 }])
  .overrideByName('expected_stars', heading('预计降至', explanationLink('compound')))
  .overrideByName('expected_on', heading('预计日期'))
  .overrideByName('at_risk_by', heading('风险原因'))
  .overrideByName('households', heading('户数'))
  .overrideByName('devices', heading('设备'))
  .overrideByName('open_orders', heading('未结工单'))
  .overrideByName('overdue_orders', heading('超时工单'))
  .overrideByName('last_heard_at', [...heading('最近数据'), { id: 'unit', value: 'dateTimeFromNow' }])
  .span(24)
  .height(11);

const fallen = table(
  { title: '降星小区', english: 'Who lost stars in the chosen time, and the criteria that caused it' },
  sql(
    'table',
    `SELECT r.time, r.compound, c.name, ${districtSql} AS district, r.from_stars, r.to_stars, c.stars, r.causes_zh
    FROM reporting_v1.rating_change r JOIN reporting_v1.compound c USING (compound)
    WHERE r.fell AND $__timeFilter(r.time) AND ${chosen} ORDER BY r.time DESC`,
  ),
)
  .overrideByName('time', heading('时间'))
  .overrideByName('compound', hidden)
  .overrideByName('name', heading('小区', compoundLink('compound')))
  .overrideByName('district', heading('区市'))
  .overrideByName('from_stars', heading('原星级'))
  .overrideByName('to_stars', heading('降至', explanationLink('compound')))
  .overrideByName('stars', heading('现星级'))
  .overrideByName('causes_zh', heading('原因'))
  .span(24);

const companies = table(
  {
    title: '物业公司月度考核',
    english: 'Property companies: the newest monthly assessment of each, and who is on the negative list',
  },
  sql(
    'table',
    `SELECT * FROM (
      SELECT DISTINCT ON (company) company_name, month, total, grade, CASE WHEN listed THEN '负面清单' ELSE '' END AS listed,
        listed_zh, formula
      FROM reporting_v1.company_assessment ORDER BY company, month DESC) newest
    ORDER BY total NULLS LAST`,
  ),
)
  .overrideByName('company_name', heading('物业公司'))
  .overrideByName('month', heading('月份'))
  .overrideByName('total', [...heading('得分'), { id: 'decimals', value: 1 }])
  .overrideByName('grade', heading('等次'))
  .overrideByName('listed', heading('名单'))
  .overrideByName('listed_zh', heading('原因'))
  .overrideByName('formula', heading('考核办法'))
  .span(24);

const services = table(
  {
    title: '各小区物业服务（本月）',
    english:
      'Service in every compound this month: orders, punctuality, repeat faults, complaints, satisfaction, rounds',
  },
  sql(
    'table',
    `SELECT c.name, m.company_name, m.raised, m.open, m.acknowledge_in_time_percent, m.on_site_in_time_percent,
      m.resolve_in_time_percent, m.mean_resolve_seconds, m.repeat_faults, m.first_time_fix_percent,
      m.complaints_per_thousand, m.satisfied_percent, m.rounds_missed
    FROM reporting_v1.work_order_month m JOIN reporting_v1.compound c USING (compound)
    WHERE m.month = to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AND ${chosen}
    ORDER BY m.resolve_in_time_percent NULLS LAST, c.name`,
  ),
)
  .overrideByName('name', heading('小区'))
  .overrideByName('company_name', heading('物业公司'))
  .overrideByName('raised', heading('工单'))
  .overrideByName('open', heading('未结'))
  .overrideByName('acknowledge_in_time_percent', [...heading('受理及时 %'), { id: 'decimals', value: 1 }])
  .overrideByName('on_site_in_time_percent', [...heading('到场及时 %'), { id: 'decimals', value: 1 }])
  .overrideByName('resolve_in_time_percent', [...heading('维修及时 %'), { id: 'decimals', value: 1 }])
  .overrideByName('mean_resolve_seconds', [...heading('平均修复'), { id: 'unit', value: 's' }])
  .overrideByName('repeat_faults', heading('重复故障'))
  .overrideByName('first_time_fix_percent', [...heading('一次修复 %'), { id: 'decimals', value: 1 }])
  .overrideByName('complaints_per_thousand', [...heading('每千户投诉'), { id: 'decimals', value: 1 }])
  .overrideByName('satisfied_percent', [...heading('满意 %'), { id: 'decimals', value: 1 }])
  .overrideByName('rounds_missed', heading('漏检'))
  .span(24)
  .height(11);

/** What the housing bureau looks at. */
export const city = (): DashboardBuilder => {
  const dashboard = frame({
    uid: 'xingyuan-city',
    title: '城市星级总览',
    english: 'City: stars by compound and district, who is connected, who fell, the programme of the year',
    from: 'now-90d',
    refresh: '5m',
  })
    .withVariable(district)
    .withVariable(goal);
  const panels = [
    distribution,
    byDistrict,
    overTime,
    programme,
    compounds,
    fallen,
    byDistrictInYear,
    companies,
    services,
  ];
  return place(dashboard, [...figures.map((figure) => figure.span(4)), ...panels]);
};
