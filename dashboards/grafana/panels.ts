import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { reports } from './sources.ts';

/** Chinese title, English in the description. */
export interface Words {
  title: string;
  english: string;
}

const rows = new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('');
const legend = new VizLegendOptionsBuilder()
  .displayMode(LegendDisplayMode.List)
  .placement(LegendPlacement.Bottom)
  .showLegend(true);

/** One number. `levels` colours it: from each value on, in that colour; without, it stays as the theme writes text. */
export const stat = (
  { title, english }: Words,
  target: Builder<Dataquery>,
  levels: readonly [from: number, color: string][] = [],
): Stat => {
  const steps = [{ value: null, color: 'text' }, ...levels.map(([value, color]) => ({ value, color }))];
  return new Stat()
    .title(title)
    .description(english)
    .datasource(reports)
    .withTarget(target)
    .reduceOptions(rows)
    .graphMode(BigValueGraphMode.None)
    .colorMode(levels.length > 0 ? BigValueColorMode.Value : BigValueColorMode.None)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .noValue('–')
    .height(4);
};

export const table = ({ title, english }: Words, target: Builder<Dataquery>): Table =>
  new Table()
    .title(title)
    .description(english)
    .datasource(reports)
    .withTarget(target)
    .filterable(true)
    .noValue('–')
    .height(9);

export const lines = ({ title, english }: Words, ...targets: Builder<Dataquery>[]): TimeSeries =>
  new TimeSeries()
    .title(title)
    .description(english)
    .datasource(reports)
    .targets(targets)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .height(8);

/** Values that hold until the next one, such as stars. */
export const steps = (words: Words, ...targets: Builder<Dataquery>[]): TimeSeries =>
  lines(words, ...targets).lineInterpolation(LineInterpolation.StepAfter);

export const stacked = (words: Words, ...targets: Builder<Dataquery>[]): TimeSeries =>
  lines(words, ...targets)
    .fillOpacity(30)
    .lineWidth(1)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));

export const bars = ({ title, english }: Words, target: Builder<Dataquery>, xField: string): BarChart =>
  new BarChart()
    .title(title)
    .description(english)
    .datasource(reports)
    .withTarget(target)
    .xField(xField)
    .showValue(VisibilityMode.Auto)
    .legend(legend)
    .fillOpacity(60)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .height(8);

/** A column's heading, with a link where it leads somewhere. */
export const heading = (title: string, link?: { title: string; url: string }): DynamicConfigValue[] => [
  { id: 'displayName', value: title },
  ...(link === undefined ? [] : [{ id: 'links', value: [{ ...link, targetBlank: true }] }]),
];

export const hidden: DynamicConfigValue[] = [{ id: 'custom.hidden', value: true }];

const verdictWords: Readonly<Record<string, { text: string; color: string }>> = {
  met: { text: '达到', color: 'green' },
  'not-met': { text: '未达到', color: 'orange' },
  'no-evidence': { text: '无证据', color: 'text' },
  'not-applicable': { text: '不适用', color: 'text' },
};

/** Words for a value, with a colour of their text. */
export const mapped = (words: Readonly<Record<string, { text: string; color: string }>>): DynamicConfigValue[] => [
  { id: 'mappings', value: [{ type: 'value', options: words }] },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];
export const verdicts = mapped(verdictWords);
