import { DownloadOutlined, SettingOutlined } from '@ant-design/icons'
import { Button, Checkbox, Dropdown, Popover, Radio } from 'antd'
import { useState } from 'react'
import { readStored, writeStored } from '@/api/json'
import { useUi } from '../texts'
import type { ListQuery, Search } from './list-state'
import type { Column } from './resource-table'

type Shown<Row> = {
  columns: readonly Column<Row>[]
  chosen: readonly string[]
  widths: Readonly<Record<string, number>>
  setWidth: (id: string, width: number) => void
}

/** Columns from the URL, else as last chosen here, else the page's own. */
export function useColumns<Row>(name: string, columns: readonly Column<Row>[], search: Search): Shown<Row> {
  const [widths, setWidths] = useState(() => readStored<Record<string, number>>(localStorage, `zg.widths.${name}`, {}))
  const asked =
    search['cols']?.split(',') ?? readStored<readonly string[] | null>(localStorage, `zg.cols.${name}`, null)
  const chosen = asked ?? columns.filter(column => !column.extra).map(column => column.id)
  const kept = columns.filter((column, at) => at === 0 || chosen.includes(column.id))
  return {
    columns: kept,
    chosen: kept.map(column => column.id),
    widths,
    setWidth: (id, width) =>
      setWidths(before => {
        const next = { ...before, [id]: width }
        writeStored(localStorage, `zg.widths.${name}`, next)
        return next
      }),
  }
}

type OptionsProps<Row> = {
  name: string
  columns: readonly Column<Row>[]
  shown: Shown<Row>
  density: string
  search: Search
  change: (changes: Search, options?: { keepCursor?: boolean }) => void
  query: ListQuery
  exportHref?: (format: 'csv' | 'xlsx', query: URLSearchParams) => string
  exportFormats?: readonly ('csv' | 'xlsx')[]
}

export function TableOptions<Row>({
  name,
  columns,
  shown,
  density,
  change,
  query,
  exportHref,
  exportFormats = ['csv'],
}: OptionsProps<Row>) {
  const t = useUi()
  const set = (cols: readonly string[] | undefined) => {
    if (cols) writeStored(localStorage, `zg.cols.${name}`, cols)
    else localStorage.removeItem(`zg.cols.${name}`)
    change({ cols: cols?.join(',') }, { keepCursor: true })
  }
  const exported = () => {
    const { cursor: _, limit: __, ...rest } = query
    return new URLSearchParams(flat(rest))
  }
  return (
    <div className="zg-row" style={{ flexWrap: 'nowrap' }}>
      {exportHref ? (
        <Dropdown
          trigger={['click']}
          menu={{
            items: exportFormats.map(format => ({
              key: format,
              label: (
                <a href={exportHref(format, exported())} download>
                  {t('table.exportAs', { format: format.toUpperCase() })}
                </a>
              ),
            })),
          }}
        >
          <Button icon={<DownloadOutlined />} aria-label={t('table.export')} title={t('table.export')} />
        </Dropdown>
      ) : null}
      <Popover
        trigger="click"
        placement="bottomRight"
        arrow={false}
        content={
          <div className="zg-columns">
            <span className="zg-menu-title">{t('table.density')}</span>
            <Radio.Group
              value={density === 'dense' ? 'dense' : 'roomy'}
              options={[
                { value: 'dense', label: t('table.dense') },
                { value: 'roomy', label: t('table.roomy') },
              ]}
              onChange={event => {
                writeStored(localStorage, `zg.density.${name}`, event.target.value)
                change({ density: String(event.target.value) }, { keepCursor: true })
              }}
            />
            <span className="zg-menu-title">{t('table.columns')}</span>
            {columns.map((column, at) => (
              <Checkbox
                key={column.id}
                disabled={at === 0}
                checked={shown.chosen.includes(column.id)}
                onChange={event =>
                  set(event.target.checked ? [...shown.chosen, column.id] : shown.chosen.filter(id => id !== column.id))
                }
              >
                {column.title}
              </Checkbox>
            ))}
            <Button
              type="link"
              size="small"
              style={{ justifySelf: 'start', paddingInline: 0 }}
              onClick={() => set(undefined)}
            >
              {t('table.columnsReset')}
            </Button>
          </div>
        }
      >
        <Button icon={<SettingOutlined />} aria-label={t('table.options')} title={t('table.options')} />
      </Popover>
    </div>
  )
}

export function flat(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  )
}
