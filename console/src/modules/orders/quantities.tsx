import { type Field, NumberCell } from '@/ui'
import type { Line } from './queries'
import { useT } from './texts'

type Counts = Readonly<Record<string, number | null>>

/** How many of each line, beside how many there are. */
export function Quantities({ of, lines, open }: { of: Field<Counts>; lines: readonly Line[]; open: string }) {
  const t = useT()
  return (
    <table className="zg-quantities">
      <thead>
        <tr>
          <th scope="col">{t('items')}</th>
          <th scope="col" data-align="right">
            {open}
          </th>
          <th scope="col" data-align="right">
            {t('quantity')}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(line => (
          <tr key={line.id}>
            <th scope="row">
              {line.name}
              <div className="zg-quiet">
                {line.options ? `${line.options} · ` : ''}
                {line.sku}
              </div>
            </th>
            <td data-align="right" className="zg-num">
              {line.open}
            </td>
            <td data-align="right">
              <NumberCell of={of.at(String(line.id))} label={`${t('quantity')}: ${line.name} ${line.options ?? ''}`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Those of which there are some, as the API takes them. */
export function chosen(counts: Counts): { line_id: number; quantity: number }[] {
  return Object.entries(counts).flatMap(([id, quantity]) => (quantity ? [{ line_id: Number(id), quantity }] : []))
}
