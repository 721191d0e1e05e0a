import { Button, Input, type InputRef } from 'antd'
import { useRef, useState } from 'react'
import { api, newKey, sends, unwrap } from '@/api'
import { Card, ProblemView } from '@/ui'
import { type PickSku, useAgain } from './queries'
import { useT } from './texts'

type Way = 'pick' | 'unpick' | 'short'

/** A scanner is a keyboard that ends with Enter: each scan picks a piece and the field stays ready. */
export function Scan({ id }: { id: number }) {
  const t = useT()
  const again = useAgain()
  const input = useRef<InputRef>(null)
  const [code, setCode] = useState('')
  const [last, setLast] = useState<PickSku | undefined>(undefined)
  const [problem, setProblem] = useState<unknown>(undefined)
  const send = async (way: Way) => {
    const scanned = code.trim()
    if (scanned === '') return
    // The next scan may come before this one is answered.
    setCode('')
    setProblem(undefined)
    const what = { params: { path: { id } }, headers: sends({ key: newKey() }), body: { code: scanned, quantity: 1 } }
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
      setProblem(error)
    } finally {
      await again()
      input.current?.focus()
    }
  }
  return (
    <Card title={t('scan')}>
      <div className="zg-scan">
        <Input
          ref={input}
          autoFocus
          aria-label={t('scan')}
          placeholder={t('scan')}
          value={code}
          onChange={event => setCode(event.target.value)}
          onPressEnter={() => void send('pick')}
        />
        <Button type="primary" onClick={() => void send('pick')}>
          {t('scan.do')}
        </Button>
        <Button onClick={() => void send('unpick')}>{t('scan.unpick')}</Button>
        <Button onClick={() => void send('short')}>{t('scan.short')}</Button>
      </div>
      <p aria-live="polite">
        {last ? t('scan.done', { name: last.name, picked: last.picked, quantity: last.quantity }) : ''}
      </p>
      {problem === undefined ? null : <ProblemView error={problem} />}
    </Card>
  )
}
