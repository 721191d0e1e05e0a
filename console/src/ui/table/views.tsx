import { DeleteOutlined, EditOutlined, PlusOutlined, SaveOutlined, StopOutlined, TeamOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useMay } from '@/api/session'
import { Action } from '../action'
import type { Field } from '../form/field'
import { SwitchField, TextField } from '../form/fields'
import { PathLink, useGo } from '../path'
import { useUi } from '../texts'
import type { Search } from './list-state'
import { type SavedView, savedViews, useViewCommands, type ViewInput } from './saved-views'
import { openTab, type View, viewQuery, viewText } from './view-text'

type Tab = {
  readonly key: string
  readonly id?: number
  readonly name: string
  readonly text: string
  readonly saved?: SavedView
}

type Props = { name: string; path: string; search: Search; given: readonly View[] }

/** Views as tabs: those the page brings, those colleagues share, one's own. */
export function Views({ name, path, search, given }: Props) {
  const t = useUi()
  const saved = useQuery(savedViews(name)).data ?? []
  const tabs: readonly Tab[] = [
    ...[{ name: t('view.all'), search: {} }, ...given].map(view => {
      const text = viewText(view.search)
      return { key: `given:${text}`, name: view.name, text }
    }),
    ...saved.map(view => ({
      key: `${view.id}`,
      id: view.id,
      name: view.name,
      text: viewText(view.query),
      saved: view,
    })),
  ]
  const { tab: open, changed } = openTab(tabs, search)
  const row = useRef<HTMLDivElement>(null)
  const openKey = open?.key
  useEffect(() => {
    const tab = openKey !== undefined && row.current?.querySelector<HTMLElement>('[data-now=true]')
    // Only sideways: the page stays where it is.
    if (tab && row.current) row.current.scrollLeft = tab.offsetLeft - (row.current.clientWidth - tab.offsetWidth) / 2
  }, [openKey])
  if (tabs.length === 1 && !changed) return null
  return (
    <nav className="zg-views" aria-label={t('view.label')}>
      <div ref={row} className="zg-view-tabs">
        {tabs.map(tab => {
          const named = tab.id === undefined ? '' : `view=${tab.id}`
          const query = [named, tab.text].filter(part => part !== '').join('&')
          return (
            <span key={tab.key} className="zg-view" data-now={tab === open}>
              <PathLink
                to={query === '' ? path : `${path}?${query}`}
                aria-current={tab === open ? 'page' : undefined}
                title={tab.saved && !tab.saved.mine ? t('view.sharedBy', { name: tab.saved.owner }) : undefined}
              >
                {tab.name}
                {tab.saved?.shared ? <TeamOutlined aria-label={t('view.shared')} /> : null}
                {tab === open && changed ? <span className="zg-quiet">{` · ${t('view.changed')}`}</span> : null}
              </PathLink>
            </span>
          )
        })}
      </div>
      <Tools list={name} path={path} search={search} view={open?.saved} changed={changed} />
    </nav>
  )
}

type ToolsProps = { list: string; path: string; search: Search; view: SavedView | undefined; changed: boolean }

/** What can be done with the view that is open, or with what has no name yet. */
function Tools({ list, path, search, view, changed }: ToolsProps) {
  const t = useUi()
  const go = useGo()
  const may = useMay()('views.share')
  const commands = useViewCommands(list)
  const query = viewQuery(search)
  const text = viewText(search)
  const open = ({ id }: SavedView) => go(`${path}?view=${id}${text === '' ? '' : `&${text}`}`, { replace: true })
  const fields = (field: Field<ViewInput>) => (
    <>
      <TextField of={field.at('name')} label={t('view.name')} maxLength={40} required />
      {may || view?.shared ? (
        <SwitchField of={field.at('shared')} label={t('view.share')} help={t('view.shareHelp')} />
      ) : null}
    </>
  )
  return (
    <span className="zg-view-tools">
      {view?.mine && changed ? (
        <Action<object>
          name="view-keep"
          label={t('view.keep')}
          icon={<SaveOutlined />}
          size="small"
          initial={{}}
          {...(view.shared
            ? { title: t('view.keepTitle', { name: view.name }), consequences: t('view.keepShared') }
            : {})}
          run={() => commands.change(view, { name: view.name, shared: view.shared }, query)}
          done={t('view.saved')}
        />
      ) : null}
      {changed ? (
        <Action<ViewInput>
          key={`save:${text}`}
          name="view-save"
          label={t('view.save')}
          icon={<PlusOutlined />}
          size="small"
          title={t('view.save')}
          confirm={t('form.save')}
          initial={{ name: '', shared: false }}
          form={fields}
          run={async intent => open(await commands.create(intent, query))}
          done={t('view.saved')}
        />
      ) : null}
      {view?.mine && !changed ? (
        <>
          <Action<ViewInput>
            key={`edit:${view.id}:${view.version}`}
            name="view-edit"
            label={t('view.edit')}
            icon={<EditOutlined />}
            size="small"
            title={t('view.editTitle')}
            confirm={t('form.save')}
            initial={{ name: view.name, shared: view.shared }}
            form={fields}
            run={({ body }) => commands.change(view, body, viewQuery(view.query))}
            done={t('view.saved')}
          />
          <Action<object>
            name="view-delete"
            label={t('view.delete')}
            icon={<DeleteOutlined />}
            size="small"
            danger
            title={t('view.deleteTitle', { name: view.name })}
            consequences={t(view.shared ? 'view.deleteShared' : 'view.deleteOwn')}
            initial={{}}
            run={async () => {
              await commands.remove(view)
              go(path, { replace: true })
            }}
            done={t('view.deleted')}
          />
        </>
      ) : null}
      {view && !view.mine && may ? (
        <Action<object>
          name="view-withdraw"
          label={t('view.withdraw')}
          icon={<StopOutlined />}
          size="small"
          danger
          title={t('view.withdrawTitle', { name: view.name })}
          consequences={t('view.withdrawHelp', { name: view.owner })}
          initial={{}}
          run={async () => {
            await commands.withdraw(view)
            go(path, { replace: true })
          }}
          done={t('view.withdrawn')}
        />
      ) : null}
    </span>
  )
}
