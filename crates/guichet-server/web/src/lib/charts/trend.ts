import type { EChartsCoreOption } from 'echarts/core';

interface Series {
  name: string;
  values: (number | null)[];
}

/** A month on an axis: its number, and the year where it begins. */
const monthLabel = (month: string, i: number): string => (i === 0 || month.endsWith('-01') ? `${month.slice(5)}\n${month.slice(0, 4)}` : month.slice(5));

/** Counts by month as bars, with a rate as a line over them on an axis of its own. */
export function trend(colours: Record<string, string>, names: string[], bars: Series[], line?: Series): EChartsCoreOption {
  const axis = { axisLine: { lineStyle: { color: colours['line-strong'] } }, axisLabel: { color: colours['ink-soft'] } };
  const fills = [colours.accent, colours.green, colours['yellow-fill']];
  const low = Math.min(100, ...(line?.values.filter((value) => value !== null) ?? []));
  return {
    grid: { left: 8, right: 8, top: 48, bottom: 8, containLabel: true },
    legend: { top: 4, textStyle: { color: colours.ink } },
    tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.ink } },
    xAxis: { type: 'category', data: names, ...axis, axisLabel: { ...axis.axisLabel, interval: 0, formatter: monthLabel } },
    yAxis: [
      { type: 'value', ...axis, splitLine: { lineStyle: { color: colours.line } } },
      ...(line ? [{ type: 'value', min: Math.max(0, Math.floor(low / 5) * 5 - 5), max: 100, ...axis, splitLine: { show: false } }] : []),
    ],
    series: [
      ...bars.map((one, i) => ({ type: 'bar', name: one.name, data: one.values, barMaxWidth: 22, itemStyle: { color: fills[i], borderRadius: [2, 2, 0, 0] } })),
      ...(line ? [{ type: 'line', yAxisIndex: 1, name: line.name, data: line.values, color: colours['yellow-fill'], symbol: 'diamond', symbolSize: 8, lineStyle: { width: 2 } }] : []),
    ],
  };
}
