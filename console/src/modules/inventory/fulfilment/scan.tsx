import { Button, Input, type InputRef } from 'antd'
import { useRef, useState } from 'react'
import { api, asProblem, newKey, type Problem, sends, unwrap } from '@/api'
import { Card, useProblemText } from '@/ui'
import { type PickSku, useAgain } from './queries'
import { useT } from './texts'

type Way = 'pick' | 'unpick' | 'short'

export type Picking = {
  /** The SKU touched last, as it stands now. */
  last: PickSku | undefined
  /** What was refused last, and the code it was refused for. */
  refused: { code: string; problem: Problem } | undefined
  send: (way: Way, code: string, quantity: number) => Promise<void>
}

/** What scanning and the buttons of a row have in common. */
export function usePicking(id: number): Picking {
  const again = useAgain()
  const [last, setLast] = useState<PickSku | undefined>(undefined)
  const [refused, setRefused] = useState<Picking['refused']>(undefined)
  const send = async (way: Way, code: string, quantity: number) => {
    setRefused(undefined)
    const what = { params: { path: { id } }, headers: sends({ key: newKey() }), body: { code, quantity } }
    try {
      const { sku } = await unwrap(
        way === 'pick'
          ? api.POST('/api/v1/admin/pick-lists/{id}/pick', what)
          : way === 'unpick'
            ? api.POST('/api/v1/admin/pick-lists/{id}/unpick', what)
            : api.POST('/api/v1/admin/pick-lists/{id}/short', what),
      )
      setLast(sku)
    } catch (error) {
      setLast(undefined)
      setRefused({ code, problem: asProblem(error) })
    } finally {
      await again()
    }
  }
  return { last, refused, send }
}

/** A scanner is a keyboard that ends with Enter: each scan picks a piece and the field stays ready. */
export function Scan({ picking }: { picking: Picking }) {
  const t = useT()
  const input = useRef<InputRef>(null)
  const [code, setCode] = useState('')
  const textOf = useProblemText()
  const { last, refused } = picking
  const pick = () => {
    const scanned = code.trim()
    input.current?.focus()
    if (scanned === '') return
    // The next scan may come before this one is answered.
    setCode('')
    void picking.send('pick', scanned, 1)
  }
  return (
    <Card>
      <div className="zg-pick-scan">
        <Input
          ref={input}
          autoFocus
          size="large"
          autoComplete="off"
          aria-label={t('scan')}
          placeholder={t('scan')}
          value={code}
          onChange={event => setCode(event.target.value)}
          onPressEnter={pick}
        />
        <Button type="primary" size="large" onClick={pick}>
          {t('scan.do')}
        </Button>
      </div>
      <div className="zg-scanned" aria-live="polite">
        {last ? (
          <p data-done={last.picked === last.quantity}>
            <strong className="zg-num">
              {last.picked} / {last.quantity}
            </strong>{' '}
            {last.name}
            {last.options ? ` · ${last.options}` : ''}
            {last.short > 0 ? ` · ${t('scan.missing', { count: last.short })}` : ''}
          </p>
        ) : null}
        {refused ? (
          <p data-refused role="alert">
            <strong>{refused.code}</strong> {refused.problem.errors[0]?.detail ?? textOf(refused.problem)}
          </p>
        ) : null}
      </div>
    </Card>
  )
}
