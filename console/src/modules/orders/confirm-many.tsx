import { App, Button, Modal } from 'antd'
import { useState } from 'react'
import { api, newKey, type paths, sends, unwrap, useMay } from '@/api'
import { PathLink, ProblemView, type Selection } from '@/ui'
import { CheckList } from './checks'
import { useAgain } from './queries'
import { useT } from './texts'

type Outcome = paths['/api/v1/admin/orders/confirm']['post']['responses'][200]['content']['application/json']

/** Lets many orders through to picking, and says of each one that was refused why (M4.7). */
export function ConfirmMany({ selection, done }: { selection: Selection; done: () => void }) {
  const t = useT()
  const may = useMay()
  const again = useAgain()
  const { modal, message, notification } = App.useApp()
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined)
  if (!may('orders.confirm')) return null
  const count = selection.count ?? 0
  const start = () => {
    if (selection.kind !== 'rows') {
      void message.info(t('confirmMany.all'))
      return
    }
    const ids = selection.ids.map(Number)
    const key = newKey()
    void modal.confirm({
      title: t('confirmMany.title', { count }),
      okText: t('confirmMany', { count }),
      cancelText: t('back'),
      onOk: async () => {
        try {
          const made = await unwrap(
            api.POST('/api/v1/admin/orders/confirm', { body: { ids }, headers: sends({ key }) }),
          )
          if (made.refused > 0) {
            setOutcome(made)
          } else {
            void message.success(t('confirmMany.done', { count: made.done }))
            done()
          }
        } catch (error) {
          notification.error({
            title: t('confirmMany', { count }),
            description: <ProblemView error={error} />,
            duration: 0,
          })
        } finally {
          await again()
        }
      },
    })
  }
  const close = () => {
    setOutcome(undefined)
    done()
  }
  return (
    <>
      <Button type="primary" size="small" onClick={start}>
        {t('confirmMany', { count })}
      </Button>
      <Modal
        open={outcome !== undefined}
        title={t('confirmMany.result')}
        onCancel={close}
        footer={<Button onClick={close}>{t('close')}</Button>}
      >
        {outcome ? (
          <div className="zg-stack">
            <p>{t('confirmMany.some', { done: outcome.done, failed: outcome.refused })}</p>
            <ul className="zg-rows">
              {outcome.results
                .filter(one => !one.done)
                .map(one => (
                  <li key={one.id}>
                    <PathLink to={`/orders/${one.id}`} className="zg-num">
                      {one.number ?? one.id}
                    </PathLink>
                    {one.checks.length > 0 ? <CheckList of={one.checks} /> : <span>{one.reason}</span>}
                  </li>
                ))}
            </ul>
          </div>
        ) : null}
      </Modal>
    </>
  )
}
