import './pop-menu.css'
import { Popover } from 'antd'
import { type KeyboardEvent, type ReactElement, type ReactNode, useRef, useState } from 'react'

export type MenuItem = {
  readonly key: string
  readonly label: ReactNode
  readonly icon?: ReactNode
  readonly lang?: string
}
/** Items that belong together, under a heading if they have one. */
export type MenuGroup = { readonly key: string; readonly title?: string; readonly items: readonly MenuItem[] }

type Props = {
  label: string
  groups: readonly MenuGroup[]
  pick: (key: string) => void
  placement?: 'bottomRight' | 'top'
  /** The button that opens it. */
  children: ReactElement
}

/** A small menu: opened by a button, gone through with the arrow keys, left with Escape. */
export function PopMenu({ label, groups, pick, placement = 'bottomRight', children }: Props) {
  const [open, setOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLElement>(undefined)
  const step = (event: KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = items.findIndex(item => item.matches(':focus'))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key]
    if (event.key === 'Escape') {
      setOpen(false)
      opener.current?.focus()
    }
    if (to === undefined) return
    event.preventDefault()
    items[(to + items.length) % items.length]?.focus()
  }
  return (
    <Popover
      trigger="click"
      placement={placement}
      arrow={false}
      open={open}
      onOpenChange={setOpen}
      destroyOnHidden
      afterOpenChange={shown => {
        if (!shown) return
        if (document.activeElement instanceof HTMLElement) opener.current = document.activeElement
        list.current?.querySelector('button')?.focus()
      }}
      content={
        <div ref={list} className="zg-pop-menu" role="menu" aria-label={label} tabIndex={-1} onKeyDown={step}>
          {groups.map(group => (
            // biome-ignore lint/a11y/useSemanticElements: groups of a menu
            <div key={group.key} role="group" aria-label={group.title}>
              {group.title ? (
                <div className="zg-pop-menu-title" aria-hidden="true">
                  {group.title}
                </div>
              ) : null}
              {group.items.map(item => (
                <button
                  key={item.key}
                  type="button"
                  role="menuitem"
                  className="zg-plain zg-pop-menu-item"
                  lang={item.lang}
                  onClick={() => {
                    setOpen(false)
                    pick(item.key)
                  }}
                >
                  <span aria-hidden="true">{item.icon}</span>
                  {item.label}
                </button>
              ))}
            </div>
          ))}
        </div>
      }
    >
      {children}
    </Popover>
  )
}
