import './palette.css'
import { SearchOutlined } from '@ant-design/icons'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { api, unwrap } from '@/api/client'
import { useMay } from '@/api/session'
import { useLabel } from '@/i18n'
import { useGo } from '../path'
import { useUi } from '../texts'
import type { ModuleDef } from './module'
import { type Command, scoreOf, usePaletteCommands } from './palette-registry'

type Item = {
  readonly key: string
  readonly title: string
  readonly note?: string | undefined
  readonly run: () => void
}
type Group = { readonly title: string; readonly items: readonly Item[] }

type Props = { modules: readonly ModuleDef[]; extra: readonly Command[]; close: () => void }

/** Ctrl/⌘ K: goes anywhere, finds anything, does what the page offers. */
export function CommandPalette({ modules, extra, close }: Props) {
  const t = useUi()
  const label = useLabel()
  const may = useMay()
  const go = useGo()
  const commands = usePaletteCommands()
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const base = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const asked = useDelayed(typed.trim(), 140)

  useEffect(() => {
    const element = dialog.current
    if (element && !element.open) element.showModal()
  }, [])

  const found = useQuery({
    queryKey: ['search', asked],
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/admin/search', { params: { query: { q: asked } }, signal })),
  })

  const groups = useMemo(() => {
    const finds = new Map(modules.flatMap(module => module.finds ?? []).map(each => [each.kind, each]))
    const offered = modules.flatMap(module => [
      ...module.nav.children
        .filter(child => may(child.right ?? module.nav.right))
        .map(child => ({
          title: label(child.label),
          words: [label(module.title), child.to],
          to: child.to,
          module: label(module.title),
        })),
      ...(module.palette ?? [])
        .filter(entry => may(entry.right))
        .map(entry => ({
          title: label(entry.title),
          words: [...(entry.words ?? []), ...Object.values(entry.title)],
          to: entry.to,
          module: label(module.title),
        })),
    ])
    // A page that stands in the navigation and in the palette is offered once, found by the words of both.
    const pages = offered
      .filter((page, at) => offered.findIndex(({ to }) => to === page.to) === at)
      .map(page => ({ ...page, words: offered.filter(({ to }) => to === page.to).flatMap(({ words }) => words) }))
    const best = <I extends { title: string; words?: readonly string[] }>(all: readonly I[]) =>
      all
        .map(each => ({ each, score: scoreOf(typed, each.title, each.words) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score)
        .map(({ each }) => each)
    const hits = new Map<string, Item[]>()
    if (typed.trim() !== '') {
      for (const hit of found.data?.data ?? []) {
        const where = finds.get(hit.kind)
        if (!where) continue
        const title = label(where.title)
        hits.set(title, [
          ...(hits.get(title) ?? []),
          {
            key: `${hit.kind}-${hit.id}`,
            title: hit.title,
            note: hit.subtitle ?? undefined,
            run: () => go(where.to(hit.id)),
          },
        ])
      }
    }
    const command = (each: Command): Item => ({ key: each.id, title: each.title, note: each.hint, run: each.run })
    const all: Group[] = [
      { title: t('palette.actions'), items: best(commands).map(command) },
      ...[...hits].map(([title, items]) => ({ title, items })),
      {
        title: t('palette.pages'),
        items: best(pages).map(each => ({
          key: `page-${each.to}-${each.title}`,
          title: each.title,
          note: each.module,
          run: () => go(each.to),
        })),
      },
      { title: t('palette.commands'), items: best(extra).map(command) },
    ]
    return all.filter(group => group.items.length > 0)
  }, [modules, commands, extra, found.data, typed, may, label, go, t])

  const items = groups.flatMap(group => group.items)
  const place = Math.min(at, items.length - 1)
  const choose = (item: Item | undefined) => {
    if (!item) return
    close()
    item.run()
  }
  const move = (by: number) => {
    if (items.length === 0) return
    const next = (place + by + items.length) % items.length
    setAt(next)
    list.current?.querySelector(`[data-at="${next}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  let count = -1
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog closes it; the key for that is Escape
    <dialog
      ref={dialog}
      className="zg-palette"
      aria-label={t('palette.title')}
      onClose={close}
      onClick={event => {
        if (event.target === dialog.current) close()
      }}
    >
      <div className="zg-palette-input">
        <SearchOutlined className="zg-quiet" />
        <input
          autoFocus
          role="combobox"
          aria-expanded={items.length > 0}
          aria-controls={`${base}-list`}
          aria-activedescendant={place >= 0 ? `${base}-${place}` : undefined}
          aria-label={t('palette.placeholder')}
          placeholder={t('palette.placeholder')}
          value={typed}
          maxLength={200}
          onChange={event => {
            setTyped(event.target.value)
            setAt(0)
          }}
          onKeyDown={event => {
            if (event.nativeEvent.isComposing) return
            if (event.key === 'ArrowDown') move(1)
            else if (event.key === 'ArrowUp') move(-1)
            else if (event.key === 'Enter') choose(items[place])
            else return
            event.preventDefault()
          }}
        />
        <span className="zg-kbd">Esc</span>
      </div>
      <div
        ref={list}
        id={`${base}-list`}
        className="zg-palette-list"
        role="listbox"
        aria-label={t('palette.title')}
        tabIndex={-1}
      >
        {groups.map(group => (
          // biome-ignore lint/a11y/useSemanticElements: groups of a listbox
          <div key={group.title} role="group" aria-label={group.title}>
            <div className="zg-palette-group" aria-hidden="true">
              {group.title}
            </div>
            {group.items.map(item => {
              count += 1
              const mine = count
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys
                <div
                  key={item.key}
                  id={`${base}-${mine}`}
                  data-at={mine}
                  className="zg-palette-item"
                  role="option"
                  tabIndex={-1}
                  aria-selected={mine === place}
                  onPointerMove={() => setAt(mine)}
                  onClick={() => choose(item)}
                >
                  <span>{item.title}</span>
                  {item.note ? <small>{item.note}</small> : null}
                </div>
              )
            })}
          </div>
        ))}
        {items.length === 0 && typed.trim() !== '' && !found.isFetching ? (
          <p className="zg-palette-group">{t('palette.empty', { q: typed.trim() })}</p>
        ) : null}
      </div>
      <div className="zg-palette-foot">{t('palette.hint')}</div>
    </dialog>
  )
}

function useDelayed(value: string, ms: number): string {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}
