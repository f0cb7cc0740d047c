import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { reports } from './sources.ts';

/** A compound without a registered district must be choosable, too. */
export const districtSql = `coalesce(district, '未登记')`;

/** Where the hub's page is seen from the reader's browser. */
const hubUrl = new TextBoxVariableBuilder('hub_url')
  .label('星园地址 Hub')
  .description('Address of the hub as the reader’s browser sees it')
  .defaultValue('http://localhost:8080')
  .current({ text: 'http://localhost:8080', value: 'http://localhost:8080' });

export const district = new QueryVariableBuilder('district')
  .label('区市 District')
  .datasource(reports)
  .query(`SELECT DISTINCT ${districtSql} AS district FROM reporting_v1.compound ORDER BY 1`)
  .refresh(VariableRefresh.OnDashboardLoad)
  .sort(VariableSort.Disabled)
  .multi(true)
  .includeAll(true)
  .current({ text: ['All'], value: ['$__all'] });

export const compound = new QueryVariableBuilder('compound')
  .label('小区 Compound')
  .datasource(reports)
  .query('SELECT name AS __text, compound AS __value FROM reporting_v1.compound ORDER BY 1')
  .refresh(VariableRefresh.OnDashboardLoad)
  .sort(VariableSort.Disabled)
  .multi(false)
  .includeAll(false);

/** The hub's own page that explains a compound's stars, criterion by criterion. */
export const explanationLink = (compoundField: string) => ({
  title: '查看依据 Why?',
  url: `\${hub_url}/#/stars?compound=\${__data.fields.${compoundField}}`,
});

/** The dashboard of one compound. */
export const compoundLink = (compoundField: string) => ({
  title: '小区详情 Compound',
  url: `/d/xingyuan-compound?var-compound=\${__data.fields.${compoundField}}&\${hub_url:queryparam}&\${__url_time_range}`,
});

const linkTo = (title: string, uid: string): DashboardLinkBuilder =>
  new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(`/d/${uid}`).keepTime(true).targetBlank(false);

export interface Frame {
  uid: string;
  title: string;
  english: string;
  from: string;
  refresh: string;
}

export const frame = ({ uid, title, english, from, refresh }: Frame): DashboardBuilder =>
  new DashboardBuilder(title)
    .uid(uid)
    .description(english)
    .tags(['xingyuan'])
    .timezone('browser')
    .time({ from, to: 'now' })
    .refresh(refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .links([
      linkTo('城市 City', 'xingyuan-city'),
      linkTo('小区 Compound', 'xingyuan-compound'),
      linkTo('运行 Operations', 'xingyuan-operations'),
    ])
    .withVariable(hubUrl);

interface PlacedPanel extends Builder<Panel> {
  id(id: number): PlacedPanel;
}

/** Places panels from left to right and top to bottom; the first keep their numbers when others are added. */
export const place = (dashboard: DashboardBuilder, panels: readonly PlacedPanel[]): DashboardBuilder =>
  panels.reduce((placed, panel, index) => placed.withPanel(panel.id(index + 1)), dashboard);
