import './system.css'
import { Checkbox } from 'antd'
import { useMemo } from 'react'
import { useLabel } from '@/i18n'
import { actionLabel, groupsOf, resourceLabel } from './rights'
import { useT } from './texts'

type Props = {
  /** Every right there is to give. */
  known: readonly string[]
  value: readonly string[]
  change: (rights: string[]) => void
  disabled?: boolean
  title: string
}

/** What somebody may do: a row a resource, a column an action. */
export function RightsMatrix({ known, value, change, disabled = false, title }: Props) {
  const t = useT()
  const label = useLabel()
  const groups = useMemo(() => groupsOf(known), [known])
  const held = new Set(value)
  const set = (names: readonly string[], on: boolean) => {
    const next = new Set(value)
    for (const name of names) {
      if (on) next.add(name)
      else next.delete(name)
    }
    change(known.filter(name => next.has(name)))
  }
  const all = known.length > 0 && known.every(name => held.has(name))
  return (
    <section
      className="zg-matrix-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={title}
    >
      <table className="zg-matrix">
        <thead>
          <tr>
            <th scope="col">
              <Checkbox
                checked={all}
                indeterminate={!all && known.some(name => held.has(name))}
                disabled={disabled}
                onChange={event => set(known, event.target.checked)}
              >
                {t('rights.all')}
              </Checkbox>
            </th>
            <th scope="col">{label(actionLabel('read'))}</th>
            <th scope="col">{label(actionLabel('write'))}</th>
            <th scope="col">{t('rights.more')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(group => {
            const names = group.rights.map(right => right.name)
            const count = names.filter(name => held.has(name)).length
            const resource = label(resourceLabel(group.resource))
            const box = (action: string, words?: string) => {
              const right = group.rights.find(each => each.action === action)
              if (!right) return null
              return (
                <Checkbox
                  key={action}
                  checked={held.has(right.name)}
                  disabled={disabled}
                  aria-label={`${resource}: ${label(actionLabel(action))}`}
                  onChange={event => set([right.name], event.target.checked)}
                >
                  {words}
                </Checkbox>
              )
            }
            return (
              <tr key={group.resource}>
                <th scope="row">
                  <Checkbox
                    checked={count === names.length}
                    indeterminate={count > 0 && count < names.length}
                    disabled={disabled}
                    onChange={event => set(names, event.target.checked)}
                  >
                    {resource}
                  </Checkbox>
                </th>
                <td>{box('read')}</td>
                <td>{box('write')}</td>
                <td>
                  <span className="zg-row">
                    {group.rights
                      .filter(right => right.action !== 'read' && right.action !== 'write')
                      .map(right => box(right.action, label(actionLabel(right.action))))}
                  </span>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
