import './form.css'
import { Button, Modal } from 'antd'
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { isRecord } from '@/api/json'
import { isLocale, type Locale, useLocale } from '@/i18n'
import { useProblemText } from '../feedback'
import { formatMoney } from '../format'
import { useKeysAnywhere } from '../shortcut'
import { useUi } from '../texts'
import type { Clash, Side } from './conflict'
import { toUnreadable } from './unreadable'
import type { Form as FormState } from './use-form'

type Props<V extends object> = {
  form: FormState<V>
  children: ReactNode
  /** What a member is called, for the dialog that shows two people's changes. */
  labels?: Partial<Record<keyof V & string, string>>
  /** How a member's value is shown there. */
  show?: (key: keyof V & string, value: unknown) => ReactNode
  saveText?: string
  /** Pages that make something new show the bar from the start. */
  bar?: 'dirty' | 'always'
}

/** A form: problems on top, fields, and a bar to save that comes with the first change. */
export function Form<V extends object>({ form, children, labels, show, saveText, bar = 'dirty' }: Props<V>) {
  const t = useUi()
  const textOf = useProblemText()
  const { problem, problems } = form
  const root = useRef<HTMLFormElement>(null)
  const submit = () => {
    if (toUnreadable(root.current)) return
    if (!form.saving && (form.dirty || bar === 'always')) void form.save()
  }
  useKeysAnywhere('mod+s', submit)
  return (
    <form
      ref={root}
      className="zg-form"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      {form.restored && form.dirty ? (
        <div className="zg-notice" role="status">
          {t('form.draft')}
          <Button size="small" onClick={form.discard}>
            {t('form.draftDrop')}
          </Button>
        </div>
      ) : null}
      {problem && !form.conflict ? (
        <div className="zg-summary" role="alert">
          <strong>{problems.length > 0 ? t('form.errors', { count: problems.length }) : textOf(problem)}</strong>
          {problems.length > 0 ? (
            <ul>
              {problems.map(each => (
                <li key={each.pointer + each.code}>
                  <a
                    href={`#${idOf(form.scope, each.pointer)}`}
                    onClick={event => {
                      event.preventDefault()
                      document.getElementById(idOf(form.scope, each.pointer))?.focus()
                    }}
                  >
                    <Named id={idOf(form.scope, each.pointer)} text={each.detail} />
                  </a>
                </li>
              ))}
            </ul>
          ) : null}
          {problem.requestId ? (
            <small>
              {t('problem.request')} <code>{problem.requestId}</code>
            </small>
          ) : null}
        </div>
      ) : null}
      {children}
      {form.dirty || bar === 'always' ? (
        <section className="zg-savebar" aria-label={t('form.unsaved')}>
          <span>{form.dirty ? t('form.unsaved') : ''}</span>
          <Button onClick={form.discard} disabled={form.saving || !form.dirty}>
            {t('form.discard')}
          </Button>
          <Button type="primary" htmlType="submit" loading={form.saving}>
            {saveText ?? t('form.save')}
          </Button>
        </section>
      ) : null}
      {form.conflict ? <Conflict form={form} clashes={form.conflict} labels={labels} show={show} /> : null}
      <Modal
        open={form.leaving !== undefined}
        title={t('form.leaveTitle')}
        okText={t('form.leave')}
        okButtonProps={{ danger: true }}
        cancelText={t('form.stay')}
        onOk={() => form.leaving?.leave()}
        onCancel={() => form.leaving?.stay()}
        width={420}
      >
        {t('form.leaveText')}
      </Modal>
    </form>
  )
}

/** What is wrong, after the name of the field that it is about, if that field stands on the page. */
function Named({ id, text }: { id: string; text: string }) {
  const t = useUi()
  const [name, setName] = useState('')
  useLayoutEffect(() => {
    const label = [...document.querySelectorAll('label')].find(each => each.htmlFor === id)
    setName(label?.firstChild?.textContent ?? document.getElementById(id)?.getAttribute('aria-label') ?? '')
  }, [id])
  return name === '' ? text : t('form.named', { name, text })
}

function idOf(scope: string, pointer: string): string {
  return `${scope}${pointer.replaceAll('/', '-')}`
}

type ConflictProps<V extends object> = {
  form: FormState<V>
  clashes: readonly Clash<V>[]
  labels: Partial<Record<keyof V & string, string>> | undefined
  show: ((key: keyof V & string, value: unknown) => ReactNode) | undefined
}

/** Two people changed the same row: each difference is decided. */
function Conflict<V extends object>({ form, clashes, labels, show }: ConflictProps<V>) {
  const t = useUi()
  const locale = useLocale()
  // What only one of us changed is taken from that one; what both changed waits for a choice, mine first.
  const [choice, setChoice] = useState<Record<string, Side>>(() =>
    Object.fromEntries(clashes.map(clash => [clash.key, clash.by === 'theirs' ? 'theirs' : 'mine'])),
  )
  const all = (side: Side) => setChoice(Object.fromEntries(clashes.map(clash => [clash.key, side])))
  const shown = (clash: Clash<V>, value: unknown) => show?.(clash.key, value) ?? plain(value, locale, t('form.empty'))
  return (
    <Modal
      open
      width={820}
      title={t('form.conflictTitle')}
      onCancel={form.abandon}
      footer={[
        <Button key="mine" onClick={() => all('mine')}>
          {t('form.allMine')}
        </Button>,
        <Button key="theirs" onClick={() => all('theirs')}>
          {t('form.allTheirs')}
        </Button>,
        <Button key="merge" type="primary" onClick={() => form.resolve(choice)}>
          {t('form.merge')}
        </Button>,
      ]}
    >
      <p>{t('form.conflictText')}</p>
      <table className="zg-clash">
        <thead>
          <tr>
            <th scope="col">{t('form.conflictField')}</th>
            <th scope="col">{t('form.base')}</th>
            <th scope="col">{t('form.mine')}</th>
            <th scope="col">{t('form.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {clashes.map(clash => (
            <tr key={clash.key}>
              <th scope="row">{labels?.[clash.key] ?? clash.key}</th>
              <td className="zg-quiet">{shown(clash, clash.base)}</td>
              {(['mine', 'theirs'] as const).map(side => (
                <td key={side} data-picked={choice[clash.key] === side}>
                  <label>
                    <input
                      type="radio"
                      name={`clash-${clash.key}`}
                      checked={choice[clash.key] === side}
                      onChange={() => setChoice(before => ({ ...before, [clash.key]: side }))}
                    />
                    <span>{shown(clash, clash[side])}</span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  )
}

/** A value as text: amounts, names in several languages, lists. */
function plain(value: unknown, locale: Locale, empty: string): string {
  if (value === null || value === undefined || value === '') return empty
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? empty : value.map(each => plain(each, locale, empty)).join(', ')
  if (isRecord(value)) {
    const { amount, currency } = value
    if (typeof amount === 'number' && typeof currency === 'string') return formatMoney({ amount, currency }, locale)
    return Object.entries(value)
      .map(([name, each]) => `${isLocale(name) ? languageName(name, locale) : name}: ${plain(each, locale, empty)}`)
      .join('\n')
  }
  return String(value)
}

/** 中文, English: the language without its region. */
function languageName(tag: Locale, locale: Locale): string {
  return new Intl.DisplayNames(locale, { type: 'language' }).of(new Intl.Locale(tag).language) ?? tag
}
