import type { EChartsCoreOption } from 'echarts/core';

/** Counts as a field of cells: columns along, rows down, the first on top. */
export function heat(colours: Record<string, string>, columns: string[], rows: string[], cells: number[][]): EChartsCoreOption {
  const axis = { axisLabel: { color: colours['ink-soft'] }, axisLine: { lineStyle: { color: colours['line-strong'] } }, splitArea: { show: false } };
  return {
    grid: { left: 8, right: 16, top: 8, bottom: 44, containLabel: true },
    tooltip: {
      renderMode: 'richText', backgroundColor: colours.panel, borderColor: colours.line, textStyle: { color: colours.ink },
      formatter: ({ value }: { value: number[] }) => `${rows[value[1]]}\n${columns[value[0]]}  ${value[2]}`,
    },
    xAxis: { type: 'category', data: columns.map((day) => day.slice(-2)), ...axis },
    yAxis: { type: 'category', data: rows, inverse: true, ...axis, axisLabel: { ...axis.axisLabel, width: 230, overflow: 'truncate' } },
    visualMap: {
      min: 0, max: Math.max(1, ...cells.map((cell) => cell[2])), orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 140,
      textStyle: { color: colours['ink-soft'] }, inRange: { color: [colours.sunken, colours.accent] },
    },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: colours.panel, borderWidth: 2 } }],
  };
}
