import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { App, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { readStored, writeStored } from '@/api/json'
import { useMe } from '@/api/session'
import { PathLink } from '../path'
import { useUi } from '../texts'
import type { Search } from './list-state'

export type View = { readonly name: string; readonly search: Search }

const IGNORED: readonly string[] = ['cursor', 'limit']

/** The parts of a URL that make a view, in one order. */
export function viewText(search: Search): string {
  const pairs = Object.entries(search).flatMap(([name, value]) =>
    value && !IGNORED.includes(name) ? [[name, value]] : [],
  )
  return new URLSearchParams(pairs.sort(([a = ''], [b = '']) => a.localeCompare(b))).toString()
}

type Props = { name: string; path: string; search: Search; given: readonly View[] }

/** Views as tabs: those the page brings, then one's own, kept on this machine for this person. */
export function Views({ name, path, search, given }: Props) {
  const t = useUi()
  const { message } = App.useApp()
  const me = useMe()
  const key = `zg.views.${me.staff.id}.${name}`
  const [own, setOwn] = useState(() => readStored<readonly View[]>(localStorage, key, []))
  const [naming, setNaming] = useState(false)
  const [title, setTitle] = useState('')
  const now = viewText(search)
  const all: readonly View[] = [{ name: t('view.all'), search: {} }, ...given, ...own]
  const known = all.some(view => viewText(view.search) === now)
  const keep = (views: readonly View[]) => {
    setOwn(views)
    writeStored(localStorage, key, views)
  }
  const save = () => {
    const trimmed = title.trim()
    if (trimmed === '') return
    const kept = Object.fromEntries(Object.entries(search).filter(([each]) => !IGNORED.includes(each)))
    keep([...own.filter(view => view.name !== trimmed), { name: trimmed, search: kept }])
    setNaming(false)
    setTitle('')
    void message.success(t('view.saved'))
  }
  if (all.length === 1 && known) return null
  return (
    <nav className="zg-views" aria-label={t('view.label')}>
      {all.map((view, at) => {
        const text = viewText(view.search)
        return (
          <span key={`${view.name}:${text}`} className="zg-view" data-now={text === now}>
            <PathLink to={text === '' ? path : `${path}?${text}`} aria-current={text === now ? 'page' : undefined}>
              {view.name}
            </PathLink>
            {at > given.length && text === now ? (
              <button
                type="button"
                className="zg-plain"
                aria-label={`${t('view.delete')}: ${view.name}`}
                onClick={() => keep(own.filter(each => each !== view))}
              >
                <CloseOutlined />
              </button>
            ) : null}
          </span>
        )
      })}
      {known ? null : (
        <Button
          type="link"
          size="small"
          icon={<PlusOutlined />}
          style={{ alignSelf: 'center' }}
          onClick={() => setNaming(true)}
        >
          {t('view.save')}
        </Button>
      )}
      <Modal
        open={naming}
        title={t('view.save')}
        okText={t('form.save')}
        onOk={save}
        onCancel={() => setNaming(false)}
        okButtonProps={{ disabled: title.trim() === '' }}
        destroyOnHidden
        width={400}
      >
        <Input
          autoFocus
          aria-label={t('view.name')}
          placeholder={t('view.name')}
          value={title}
          maxLength={40}
          onChange={event => setTitle(event.target.value)}
          onPressEnter={save}
        />
      </Modal>
    </nav>
  )
}
