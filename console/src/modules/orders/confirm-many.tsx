import { App, Button, Modal } from 'antd'
import { useState } from 'react'
import { api, newKey, type paths, sends, unwrap, useMay } from '@/api'
import { ProblemView, type Selection } from '@/ui'
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
      onOk: async () => {
        try {
          const made = await unwrap(
            api.POST('/api/v1/admin/orders/confirm', { body: { ids }, headers: sends({ key }) }),
          )
          void message.success(t('confirmMany.done', { done: made.done, failed: made.refused }))
          if (made.refused > 0) setOutcome(made)
          else done()
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
        <ul>
          {outcome?.results.map(one => (
            <li key={one.id}>
              <span className="zg-num">{one.number ?? one.id}</span>: {one.done ? t('confirmMany.ok') : one.reason}
            </li>
          ))}
        </ul>
      </Modal>
    </>
  )
}
