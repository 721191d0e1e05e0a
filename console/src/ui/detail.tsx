import './detail.css'
import { DownOutlined, UpOutlined } from '@ant-design/icons'
import { useRouterState } from '@tanstack/react-router'
import { Button, Input, Popover } from 'antd'
import { type ReactNode, useRef, useState } from 'react'
import { Card, ProblemView } from './feedback'
import { PathLink, useGo } from './path'
import { useKeys } from './table/keys'
import { trailOf } from './table/trail'
import { useUi } from './texts'
import { initials, Time } from './values'

type Props = {
  title: ReactNode
  /** The tab's name, where the title is more than text. */
  windowTitle?: string
  /** State badges. */
  badges?: ReactNode
  /** The one thing to do next. */
  primary?: ReactNode
  /** The rest, in a menu: `<Action …>` below each other. */
  more?: ReactNode
  /** The list one comes from: its `name`, its path and what it is called. */
  list: { name: string; path: string; title: string }
  /** Above the columns: warnings, a lock. */
  notice?: ReactNode
  /** Cards by importance. */
  children: ReactNode
  /** Facts. */
  side?: ReactNode
}

/** The page of one thing. */
export function DetailPage({ title, windowTitle, badges, primary, more, list, notice, children, side }: Props) {
  const t = useUi()
  const go = useGo()
  const path = useRouterState({ select: state => state.location.pathname })
  const { back, previous, next } = trailOf(list.name, path)
  useKeys({
    '[': () => previous && go(previous),
    ']': () => next && go(next),
  })
  const name = windowTitle ?? (typeof title === 'string' ? title : list.title)
  return (
    <div className="zg-page">
      <title>{`${name} · 掌柜`}</title>
      <header className="zg-detail-head">
        <nav className="zg-crumb" aria-label={t('detail.back')}>
          <PathLink to={back ?? list.path}>{list.title}</PathLink>
          <span className="zg-steps">
            {previous ? (
              <PathLink to={previous} aria-label={t('detail.previous')} title={`${t('detail.previous')} [`}>
                <UpOutlined />
              </PathLink>
            ) : null}
            {next ? (
              <PathLink to={next} aria-label={t('detail.next')} title={`${t('detail.next')} ]`}>
                <DownOutlined />
              </PathLink>
            ) : null}
          </span>
        </nav>
        <div className="zg-detail-title">
          <h1>{title}</h1>
          {badges}
          <div className="zg-detail-do">
            {more ? <More>{more}</More> : null}
            {primary}
          </div>
        </div>
      </header>
      {notice}
      <div className="zg-detail-grid" data-side={side !== undefined}>
        <div>{children}</div>
        {side === undefined ? null : <aside>{side}</aside>}
      </div>
    </div>
  )
}

/** Stays on the page while closed, so that its actions keep their keys and palette entries. */
function More({ children }: { children: ReactNode }) {
  const t = useUi()
  const [open, setOpen] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('button:enabled') ?? [])]
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      arrow={false}
      forceRender
      afterOpenChange={shown => shown && items()[0]?.focus()}
      open={open}
      onOpenChange={setOpen}
      content={
        // biome-ignore lint/a11y/noStaticElementInteractions: what is clicked are the buttons within
        <div
          ref={list}
          className="zg-more"
          onKeyDown={event => {
            const all = items()
            const at = all.findIndex(item => item.matches(':focus'))
            const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length }[event.key]
            if (event.key === 'Escape') {
              setOpen(false)
              opener.current?.focus()
            }
            if (to === undefined || all.length === 0) return
            event.preventDefault()
            all[to % all.length]?.focus()
          }}
          onClick={event => {
            if (event.target instanceof Element && event.currentTarget.contains(event.target.closest('button'))) {
              setOpen(false)
            }
          }}
        >
          {children}
        </div>
      }
    >
      <Button ref={opener} data-more>
        {t('action.more')} <DownOutlined style={{ fontSize: 10 }} />
      </Button>
    </Popover>
  )
}

export type TimelineItem = {
  readonly id: number | string
  readonly at: string
  /** The name; nobody is the shop itself. */
  readonly who?: string | null | undefined
  readonly text: ReactNode
  /** Words somebody wrote. */
  readonly note?: ReactNode
}

type TimelineProps = {
  items: readonly TimelineItem[]
  title?: string
  /** Adds a note; without it there is no field. */
  comment?: (text: string) => Promise<unknown>
}

/** Who did what, when; the newest on top. */
export function Timeline({ items, title, comment }: TimelineProps) {
  const t = useUi()
  return (
    <Card title={title ?? t('timeline.title')}>
      {comment ? <CommentBox send={comment} /> : null}
      {items.length === 0 ? <span className="zg-quiet">{t('timeline.empty')}</span> : null}
      <ol className="zg-timeline">
        {items.map(item => (
          <li key={item.id}>
            <span className="zg-person-mark" aria-hidden="true">
              {item.who ? initials(item.who) : '·'}
            </span>
            <div>
              <div className="zg-timeline-line">
                <strong style={{ fontWeight: 600 }}>{item.who || t('timeline.system')}</strong>
                <span>{item.text}</span>
                <span className="zg-quiet">
                  <Time at={item.at} />
                </span>
              </div>
              {item.note ? <div className="zg-timeline-note">{item.note}</div> : null}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function CommentBox({ send }: { send: (text: string) => Promise<unknown> }) {
  const t = useUi()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const submit = async () => {
    if (text.trim() === '' || busy) return
    setBusy(true)
    setError(undefined)
    try {
      await send(text.trim())
      setText('')
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {error === undefined ? null : <ProblemView error={error} />}
      <div className="zg-comment">
        <Input.TextArea
          aria-label={t('timeline.comment')}
          placeholder={t('timeline.comment')}
          autoSize={{ minRows: 1, maxRows: 8 }}
          maxLength={5000}
          value={text}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
          }}
        />
        <Button loading={busy} disabled={text.trim() === ''} onClick={() => void submit()}>
          {t('timeline.send')}
        </Button>
      </div>
    </>
  )
}
