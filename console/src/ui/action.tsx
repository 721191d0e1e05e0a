import './action.css'
import { App, Button, Input, Modal, Select, Tooltip } from 'antd'
import { type ReactNode, useId, useRef, useState } from 'react'
import { type Intent, newKey } from '@/api/intent'
import { asProblem, type FieldProblem, type Problem } from '@/api/problem'
import { ProblemView } from './feedback'
import { useFocusBack } from './focus-back'
import { Field } from './form/field'
import { FieldBox } from './form/fields'
import { toUnreadable } from './form/unreadable'
import { usePaletteCommand } from './shell/palette-registry'
import type { Option } from './table/filters'
import { useKeys } from './table/keys'
import { useUi } from './texts'

/** What the server says about an action on a row. */
export type AllowedAction = {
  readonly name: string
  readonly allowed: boolean
  readonly reason?: string | null | undefined
}
export type WithActions = { readonly actions: readonly AllowedAction[] }

type Look = {
  label: string
  /** Ends or destroys something. */
  danger?: boolean
  primary?: boolean
  icon?: ReactNode
  /** A single key that opens it. */
  hotkey?: string
  size?: 'small' | 'middle'
}

type Props<C extends object> = Look & {
  /** The row that the server lists actions for; without it the action is always allowed. */
  of?: WithActions
  name: string
  /** The dialog's question; without one there is no dialog: only for what can be undone. */
  title?: string
  /** What will happen, in numbers. */
  consequences?: ReactNode
  /** The command as it stands when the dialog opens. */
  initial: C
  /** Fields of the command. */
  form?: (field: Field<C>, problems: readonly FieldProblem[]) => ReactNode
  run: (intent: Intent<C>) => Promise<unknown>
  /** Said when it is done. */
  done?: string
  confirm?: string
}

/** One thing that can be done to a row: allowed by the server, explained, confirmed, done once. */
export function Action<C extends object>(props: Props<C>) {
  const {
    of,
    name,
    label,
    danger = false,
    primary = false,
    icon,
    hotkey,
    size = 'middle',
    title,
    run,
    initial,
    done,
  } = props
  const t = useUi()
  const { message, notification } = App.useApp()
  const [open, setOpen] = useState<{ key: string } | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const allowed = allowance(of, name)
  const start = () => {
    if (!allowed.allowed || busy) return
    if (title !== undefined) {
      setOpen({ key: newKey() })
      return
    }
    setBusy(true)
    run({ key: newKey(), body: initial })
      .then(
        () => {
          if (done) void message.success(done)
        },
        error => {
          notification.error({ title: label, description: <ProblemView error={error} />, duration: 0 })
        },
      )
      .finally(() => setBusy(false))
  }
  useKeys(hotkey ? { [hotkey]: start } : {}, hotkey !== undefined && allowed.allowed)
  usePaletteCommand(allowed.allowed ? { id: `action:${name}`, title: label, hint: hotkey, run: start } : undefined)
  const button = (
    <Button
      type={primary ? 'primary' : 'default'}
      danger={danger}
      icon={icon}
      size={size}
      loading={busy}
      disabled={!allowed.allowed}
      aria-keyshortcuts={hotkey}
      onClick={start}
    >
      {label}
    </Button>
  )
  return (
    <>
      {allowed.allowed ? (
        button
      ) : (
        <Tooltip title={allowed.reason || t('action.notAllowed')}>
          <span>{button}</span>
        </Tooltip>
      )}
      {open ? <Dialog {...props} intentKey={open.key} close={() => setOpen(undefined)} /> : null}
    </>
  )
}

function allowance(of: WithActions | undefined, name: string): AllowedAction {
  if (!of) return { name, allowed: true }
  return of.actions.find(action => action.name === name) ?? { name, allowed: false }
}

type DialogProps<C extends object> = Props<C> & { intentKey: string; close: () => void }

function Dialog<C extends object>({
  title,
  label,
  danger,
  consequences,
  initial,
  form,
  run,
  done,
  confirm,
  intentKey,
  close,
}: DialogProps<C>) {
  const t = useUi()
  useFocusBack()
  const { message } = App.useApp()
  const scope = useId()
  const [body, setBody] = useState(initial)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const [lost, setLost] = useState<readonly FieldProblem[]>([])
  const intent = useRef(intentKey)
  const fields = useRef<HTMLFormElement>(null)
  const problems = problem?.errors ?? []
  const go = async () => {
    if (busy || toUnreadable(fields.current)) return
    setBusy(true)
    setProblem(undefined)
    try {
      await run({ key: intent.current, body })
      if (done) void message.success(done)
      close()
    } catch (error) {
      const refused = asProblem(error)
      // The server refused and did nothing: what is sent next is another request.
      // A lost answer keeps its key, so that the same cannot happen twice.
      if (refused.status >= 400 && refused.status < 500) intent.current = newKey()
      setProblem(refused)
      setLost(refused.errors.filter(({ pointer }) => !hasField(scope, pointer)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={title}
      okText={confirm ?? label}
      cancelText={t('action.cancel')}
      okButtonProps={{ danger: danger === true, loading: busy, autoFocus: form === undefined }}
      onOk={() => void go()}
      onCancel={close}
      afterOpenChange={open => {
        if (open) fields.current?.querySelector<HTMLElement>('input, textarea')?.focus()
      }}
      width={520}
      mask={{ closable: false }}
    >
      {consequences ? (
        <div className="zg-consequences">
          <span className="zg-quiet">{t('action.what')}</span>
          {consequences}
        </div>
      ) : null}
      {problem && (problems.length === 0 || !form) ? <ProblemView error={problem} /> : null}
      {problem && form && lost.length > 0 ? (
        <div className="zg-problem" role="alert">
          {lost.map(each => (
            <span key={each.pointer + each.code}>{each.detail}</span>
          ))}
        </div>
      ) : null}
      {form ? (
        <form
          ref={fields}
          className="zg-action-form"
          noValidate
          onSubmit={event => {
            event.preventDefault()
            void go()
          }}
        >
          {form(new Field('', body, setBody, problems, scope), problems)}
          {/* With several fields Enter sends only a form that has a button of its own. */}
          <button type="submit" hidden />
        </form>
      ) : null}
    </Modal>
  )
}

/** Is there an input that shows what is wrong here, or with what holds it? */
function hasField(scope: string, pointer: string): boolean {
  const parts = pointer.split('/')
  return parts.some((_, at) => at > 0 && document.getElementById(scope + parts.slice(0, at + 1).join('-')) !== null)
}

/** Why: one of a list, or one's own words. */
export function ReasonField({ of, options }: { of: Field<string>; options?: readonly Option[] }) {
  const t = useUi()
  return (
    <FieldBox of={of} label={t('action.reason')} required>
      {bound =>
        options ? (
          <Select
            {...bound}
            value={of.value || undefined}
            options={options.map(({ value, label }) => ({ value, label }))}
            onChange={value => of.set(value)}
          />
        ) : (
          <Input.TextArea
            {...bound}
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={500}
            value={of.value}
            onChange={event => of.set(event.target.value)}
          />
        )
      }
    </FieldBox>
  )
}
