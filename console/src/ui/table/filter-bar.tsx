import './filters.css'
import { CloseOutlined, FilterOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Checkbox, DatePicker, Dropdown, Input, type InputRef, Popover, Radio } from 'antd'
import dayjs from 'dayjs'
import { type Ref, useEffect, useId, useRef, useState } from 'react'
import { type Locale, useLocale } from '@/i18n'
import { formatDay, formatDays, formatMoney, parseMoney, plainMoney } from '../format'
import { type Say, useUiSay } from '../say'
import { useUi } from '../texts'
import { type Filter, type FilterValue, filterValue, isSet } from './filters'
import type { Search } from './list-state'

type Props = {
  filters: readonly Filter[]
  search: Search
  change: (changes: Search) => void
  /** What the search field looks in; without it there is no search field. */
  searchHint?: string | undefined
  inputRef?: Ref<InputRef>
}

/** Search, chips of the filters that are set, and a menu of those that are not. */
export function FilterBar({ filters, search, change, searchHint, inputRef }: Props) {
  const t = useUi()
  const [opened, setOpened] = useState<string | undefined>(undefined)
  const set = filters.filter(filter => isSet(filterValue(filter, search)) || opened === filter.params[0])
  const rest = filters.filter(filter => !set.includes(filter))
  const clear = () =>
    change(Object.fromEntries([...filters.flatMap(filter => filter.params), 'q'].map(name => [name, undefined])))
  const any = set.length > 0 || Boolean(search['q'])
  return (
    <div className="zg-filters">
      {searchHint === undefined ? null : (
        <SearchField value={search['q'] ?? ''} hint={searchHint} change={q => change({ q })} inputRef={inputRef} />
      )}
      {set.map(filter => (
        <Chip
          key={filter.params[0]}
          filter={filter}
          value={filterValue(filter, search)}
          open={opened === filter.params[0]}
          setOpen={open => setOpened(open ? filter.params[0] : undefined)}
          change={value => change(Object.fromEntries(filter.params.map((param, at) => [param, value[at]])))}
        />
      ))}
      {rest.length > 0 ? (
        <Dropdown
          autoFocus
          trigger={['click']}
          menu={{
            items: rest.map(filter => ({ key: filter.params[0], label: filter.label })),
            // After the menu has closed, so that the focus it gives back does not close the editor.
            onClick: ({ key }) => setTimeout(() => setOpened(key), 60),
          }}
        >
          <Button type="dashed" icon={<FilterOutlined />}>
            {t('filter.add')}
          </Button>
        </Dropdown>
      ) : null}
      {any ? (
        <Button type="link" onClick={clear}>
          {t('filter.clear')}
        </Button>
      ) : null}
    </div>
  )
}

/** Follows the typing a moment later and never takes the focus or the text away. */
function SearchField({
  value,
  hint,
  change,
  inputRef,
}: {
  value: string
  hint: string
  change: (q: string) => void
  inputRef?: Ref<InputRef> | undefined
}) {
  const t = useUi()
  const [text, setText] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value
      setText(value)
    }
  }, [value])
  useEffect(() => {
    if (text === sent.current) return
    const timer = setTimeout(() => {
      sent.current = text
      change(text)
    }, 250)
    return () => clearTimeout(timer)
  }, [text, change])
  return (
    <Input
      ref={inputRef}
      className="zg-filter-search"
      prefix={<SearchOutlined className="zg-quiet" />}
      placeholder={hint}
      aria-label={`${t('filter.search')}: ${hint}`}
      allowClear
      value={text}
      onChange={event => setText(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
    />
  )
}

type ChipProps = {
  filter: Filter
  value: FilterValue
  open: boolean
  setOpen: (open: boolean) => void
  change: (value: FilterValue) => void
}

function Chip({ filter, value, open, setOpen, change }: ChipProps) {
  const t = useUi()
  const say = useUiSay()
  const locale = useLocale()
  const summary = summarise(filter, value, locale, say)
  const id = useId()
  const bar = useRef<HTMLSpanElement>(null)
  const editor = useRef<HTMLDivElement>(null)
  return (
    <span className="zg-chip" data-set={isSet(value)} ref={bar}>
      <Popover
        trigger="click"
        placement="bottomLeft"
        arrow={false}
        open={open}
        onOpenChange={setOpen}
        destroyOnHidden
        afterOpenChange={shown => shown && editor.current?.querySelector('input')?.focus()}
        content={
          // biome-ignore lint/a11y/noStaticElementInteractions: what takes the keys are the inputs within
          <div
            ref={editor}
            onKeyDown={event => {
              if (event.key !== 'Escape') return
              // A chip without a value goes when it is closed: then on with the menu that it came from.
              const filters = bar.current?.parentElement
              setOpen(false)
              setTimeout(() =>
                filters?.querySelector<HTMLElement>(bar.current ? `#${CSS.escape(id)}` : '.ant-btn-dashed')?.focus(),
              )
            }}
          >
            <Editor filter={filter} value={value} change={change} close={() => setOpen(false)} />
          </div>
        }
      >
        <button id={id} type="button" className="zg-plain zg-chip-main" aria-expanded={open} aria-haspopup="dialog">
          <span className="zg-chip-name">{filter.label}</span>
          {summary ? <span>{summary}</span> : <span className="zg-quiet">{t('filter.any')}</span>}
        </button>
      </Popover>
      <button
        type="button"
        className="zg-plain zg-chip-drop"
        aria-label={t('filter.remove', { name: filter.label })}
        onClick={() => {
          setOpen(false)
          change(filter.params.map(() => undefined))
        }}
      >
        <CloseOutlined />
      </button>
    </span>
  )
}

function summarise(filter: Filter, value: FilterValue, locale: Locale, say: Say): string {
  const [first, second] = value
  switch (filter.kind) {
    case 'enum': {
      const names = (first ?? '')
        .split(',')
        .filter(each => each !== '')
        .map(each => filter.options.find(option => option.value === each)?.label ?? each)
      if (names.length <= 2) return names.join(locale === 'en' ? ', ' : '、')
      return `${names[0]} ${say('filter.more', { count: locale === 'en' ? names.length - 1 : names.length })}`
    }
    case 'text':
      return first ?? ''
    case 'flag':
      return first === undefined ? '' : say(first === 'true' ? 'common.yes' : 'common.no')
    case 'dates':
      if (first && second) return formatDays(first, second, locale)
      return range(first && formatDay(first, locale), second && formatDay(second, locale), say)
    case 'money': {
      const write = (minor: string | undefined) =>
        minor && formatMoney({ amount: Number(minor), currency: filter.currency }, locale)
      return range(write(first), write(second), say)
    }
  }
}

function range(from: string | undefined, to: string | undefined, say: Say): string {
  if (from && to) return `${from} – ${to}`
  if (from) return say('filter.since', { from })
  return to ? say('filter.until', { to }) : ''
}

type EditorProps = { filter: Filter; value: FilterValue; change: (value: FilterValue) => void; close: () => void }

function Editor({ filter, value, change, close }: EditorProps) {
  const t = useUi()
  const [first, second] = value
  switch (filter.kind) {
    case 'enum':
      return filter.single ? (
        <Radio.Group
          className="zg-filter-options"
          value={first}
          options={filter.options.map(({ value: v, label }) => ({ value: v, label }))}
          onChange={event => {
            change([String(event.target.value)])
            close()
          }}
        />
      ) : (
        <Checkbox.Group
          className="zg-filter-options"
          value={(first ?? '').split(',').filter(each => each !== '')}
          options={filter.options.map(({ value: v, label }) => ({ value: v, label }))}
          onChange={chosen => change([chosen.map(String).join(',') || undefined])}
        />
      )
    case 'flag':
      return (
        <Radio.Group
          className="zg-filter-options"
          value={first}
          options={[
            { value: 'true', label: t('common.yes') },
            { value: 'false', label: t('common.no') },
          ]}
          onChange={event => {
            change([String(event.target.value)])
            close()
          }}
        />
      )
    case 'text':
      return (
        <TextEditor
          label={filter.label}
          value={first ?? ''}
          change={text => change([text || undefined])}
          close={close}
        />
      )
    case 'dates':
      return (
        <DatePicker.RangePicker
          value={[first ? dayjs(first) : null, second ? dayjs(second) : null]}
          allowEmpty={[true, true]}
          aria-label={filter.label}
          onChange={days => change([days?.[0]?.format('YYYY-MM-DD'), days?.[1]?.format('YYYY-MM-DD')])}
        />
      )
    case 'money':
      return <MoneyRange currency={filter.currency} value={value} change={change} close={close} />
  }
}

function TextEditor({
  label,
  value,
  change,
  close,
}: {
  label: string
  value: string
  change: (text: string) => void
  close: () => void
}) {
  const t = useUi()
  const [text, setText] = useState(value)
  const apply = () => {
    change(text.trim())
    close()
  }
  return (
    <div className="zg-row">
      <Input
        autoFocus
        aria-label={label}
        value={text}
        onChange={event => setText(event.target.value)}
        onPressEnter={apply}
      />
      <Button type="primary" onClick={apply}>
        {t('filter.apply')}
      </Button>
    </div>
  )
}

function MoneyRange({
  currency,
  value,
  change,
  close,
}: {
  currency: string
  value: FilterValue
  change: (value: FilterValue) => void
  close: () => void
}) {
  const t = useUi()
  const plain = (minor: string | undefined) => (minor ? plainMoney({ amount: Number(minor), currency }) : '')
  const [min, setMin] = useState(plain(value[0]))
  const [max, setMax] = useState(plain(value[1]))
  const minor = (text: string) => parseMoney(text, currency)
  const wrong = (text: string) => text.trim() !== '' && minor(text) === undefined
  const apply = () => {
    if (wrong(min) || wrong(max)) return
    change([minor(min)?.toString(), minor(max)?.toString()])
    close()
  }
  return (
    <div className="zg-row">
      <Input
        autoFocus
        style={{ width: 120 }}
        inputMode="decimal"
        aria-label={t('filter.from')}
        placeholder={t('filter.from')}
        status={wrong(min) ? 'error' : ''}
        value={min}
        onChange={event => setMin(event.target.value)}
        onPressEnter={apply}
      />
      <Input
        style={{ width: 120 }}
        inputMode="decimal"
        aria-label={t('filter.to')}
        placeholder={t('filter.to')}
        status={wrong(max) ? 'error' : ''}
        value={max}
        onChange={event => setMax(event.target.value)}
        onPressEnter={apply}
      />
      <Button type="primary" onClick={apply}>
        {t('filter.apply')}
      </Button>
    </div>
  )
}
