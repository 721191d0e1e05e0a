import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { type EChartsType, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { useUi } from '../texts'
import { useMode } from '../theme'
import { colors, FONT, series as palette } from '../tokens'
import type { ChartProps } from './chart'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer])

const MARKS = ['circle', 'rect', 'triangle', 'diamond'] as const

/** The drawn chart; its own chunk, so that pages without one do not load ECharts. */
export default function Canvas({
  title,
  kind = 'line',
  labels,
  series,
  format,
  axis = format,
  height = 260,
  onPick,
}: ChartProps) {
  const t = useUi()
  const mode = useMode()
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | undefined>(undefined)
  const pick = useRef(onPick)
  useEffect(() => {
    pick.current = onPick
  })
  useEffect(() => {
    const element = box.current
    if (!element) return
    const made = init(element)
    chart.current = made
    made.on('click', event => pick.current?.(event.dataIndex))
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.dispose()
      chart.current = undefined
    }
  }, [])
  useEffect(() => {
    const c = colors[mode]
    const tints = palette[mode]
    const text = { color: c['text-3'], fontFamily: FONT, fontSize: 12 }
    let drawn = 0
    const room = (box.current?.clientWidth ?? 0) / labels.length
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    chart.current?.setOption(
      {
        animation: !still,
        animationDuration: 250,
        textStyle: { fontFamily: FONT },
        aria: { enabled: true, decal: { show: kind === 'bar' && series.filter(each => !each.previous).length > 1 } },
        grid: {
          left: 4,
          right: 12,
          top: series.length > 1 ? 36 : 12,
          bottom: 4,
          outerBoundsMode: 'same',
          outerBoundsContain: 'axisLabel',
        },
        legend: {
          show: series.length > 1,
          top: 0,
          left: 0,
          // A line keeps its own stroke here, by which it is known without colour.
          ...(kind === 'bar' ? { icon: 'rect' } : {}),
          itemWidth: kind === 'bar' ? 14 : 26,
          itemHeight: 9,
          textStyle: { ...text, color: c['text-2'] },
        },
        tooltip: {
          trigger: 'axis',
          confine: true,
          backgroundColor: c.surface,
          borderColor: c.line,
          textStyle: { color: c.text, fontFamily: FONT, fontSize: 13 },
          valueFormatter: (value: unknown) => (typeof value === 'number' ? format(value) : '—'),
        },
        xAxis: {
          type: 'category',
          data: [...labels],
          boundaryGap: kind === 'bar',
          axisLine: { lineStyle: { color: c['line-strong'] } },
          axisTick: { show: false },
          axisLabel: {
            ...text,
            hideOverlap: true,
            // Things have names, and each bar needs its own; days and months follow from their neighbours.
            ...(kind === 'bar' && labels.length <= 24 ? { interval: 0, rotate: room < 64 ? 35 : 0 } : {}),
          },
        },
        yAxis: {
          type: 'value',
          splitNumber: 4,
          minInterval: 1,
          splitLine: { lineStyle: { color: c.line } },
          axisLabel: { ...text, formatter: axis },
        },
        series: series.map(each => {
          const place = each.previous ? 0 : drawn++
          const tint = each.previous ? c['text-3'] : tints[place % tints.length]
          return kind === 'bar'
            ? {
                type: 'bar',
                name: each.name,
                data: [...each.values],
                barMaxWidth: 28,
                itemStyle: each.previous
                  ? { color: 'transparent', borderColor: tint, borderWidth: 1.5, borderType: 'dashed' }
                  : { color: tint, borderRadius: [2, 2, 0, 0] },
              }
            : {
                type: 'line',
                name: each.name,
                data: [...each.values],
                showSymbol: labels.length <= 31 && !each.previous,
                symbol: MARKS[place % MARKS.length],
                symbolSize: 5,
                z: each.previous ? 1 : 3,
                lineStyle: { width: each.previous ? 1.5 : 2, type: each.previous ? 'dashed' : 'solid', color: tint },
                itemStyle: { color: tint },
              }
        }),
      },
      { notMerge: true },
    )
  }, [mode, kind, labels, series, format, axis])
  return (
    <div ref={box} className="zg-chart-canvas" style={{ height }} role="img" aria-label={t('chart.label', { title })} />
  )
}
