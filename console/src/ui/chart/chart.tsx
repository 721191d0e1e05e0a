import './chart.css'
import { Segmented } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useUi } from '../texts'

export type ChartSeries = {
  readonly name: string
  /** One value for each label; money in minor units. */
  readonly values: readonly (number | null)[]
  /** The period before: dashed, behind. */
  readonly previous?: boolean
}

export type ChartProps = {
  title: string
  kind?: 'line' | 'bar'
  labels: readonly string[]
  series: readonly ChartSeries[]
  /** How a value is written: at the axis, in the tip, in the table. */
  format: (value: number) => string
  /** Shorter, for the axis. */
  axis?: (value: number) => string
  height?: number
  /** A click on a point: the place of its label. */
  onPick?: (at: number) => void
  /** Its heading, beside the switch to the table. */
  heading?: ReactNode
}

const Canvas = lazy(() => import('./canvas'))

/** A chart, and beside it the same as a table. */
export function Chart(props: ChartProps) {
  const t = useUi()
  const { title, labels, series, format, height = 260 } = props
  const [look, setLook] = useState<'chart' | 'table'>('chart')
  return (
    <figure>
      <div className="zg-chart-head">
        {props.heading}
        <Segmented
          size="small"
          aria-label={title}
          value={look}
          options={[
            { value: 'chart', label: t('chart.chart') },
            { value: 'table', label: t('chart.table') },
          ]}
          onChange={setLook}
        />
      </div>
      {look === 'chart' ? (
        <Suspense fallback={<div className="zg-bone" style={{ height }} />}>
          <Canvas {...props} height={height} />
        </Suspense>
      ) : (
        <section
          className="zg-chart-table"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          tabIndex={0}
          aria-label={title}
        >
          <table>
            <caption className="zg-sr">{title}</caption>
            <thead>
              <tr>
                <td />
                {series.map(each => (
                  <th key={each.name} scope="col">
                    {each.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, at) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map(each => {
                    const value = each.values[at]
                    return <td key={each.name}>{value === null || value === undefined ? '—' : format(value)}</td>
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </figure>
  )
}
