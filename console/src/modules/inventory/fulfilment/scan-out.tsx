import { ScanOutlined } from '@ant-design/icons'
import { Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { api, asProblem, newKey, sends, unwrap, useMay } from '@/api'
import { Badge, useKeys, usePaletteCommand, useProblemText } from '@/ui'
import { useAgain } from './queries'
import { useT } from './texts'

const REASONS = ['shipment_not_found', 'shipment_state', 'order_locked'] as const

/** Why the carrier did not get a parcel, in words. */
export function useWhyRefused(): (code: string | null | undefined) => string {
  const t = useT()
  return code => {
    const known = REASONS.find(each => each === code)
    return known ? t(`refused.${known}`) : t('refused.other')
  }
}

type Scanned = { readonly key: string; readonly code: string; readonly problem: string | undefined }

/** Parcels are handed over one scan after the other, as the carrier's driver takes them (M5.12). */
export function ScanOut() {
  const t = useT()
  const [open, setOpen] = useState(false)
  const allowed = useMay()('shipments.write')
  useKeys({ h: () => setOpen(true) }, allowed)
  usePaletteCommand(allowed ? { id: 'scan-out', title: t('out'), hint: 'h', run: () => setOpen(true) } : undefined)
  if (!allowed) return null
  return (
    <>
      <Button type="primary" icon={<ScanOutlined />} aria-keyshortcuts="h" onClick={() => setOpen(true)}>
        {t('out')}
      </Button>
      <Modal open={open} title={t('out')} footer={null} width={520} destroyOnHidden onCancel={() => setOpen(false)}>
        <Scanner />
      </Modal>
    </>
  )
}

function Scanner() {
  const t = useT()
  const why = useWhyRefused()
  const textOf = useProblemText()
  const again = useAgain()
  const [code, setCode] = useState('')
  const [scans, setScans] = useState<readonly Scanned[]>([])
  const send = async () => {
    const scanned = code.trim()
    if (scanned === '') return
    // The next scan may come before this one is answered.
    setCode('')
    const key = newKey()
    const note = (problem: string | undefined) => setScans(before => [{ key, code: scanned, problem }, ...before])
    try {
      const made = await unwrap(
        api.POST('/api/v1/admin/shipments/hand-over', {
          headers: sends({ key }),
          body: { ids: [], tracking_numbers: [scanned] },
        }),
      )
      const refused = made.results.find(one => !one.done)
      note(refused ? why(refused.code) : undefined)
    } catch (error) {
      note(textOf(asProblem(error)))
    } finally {
      await again()
    }
  }
  const done = scans.filter(one => one.problem === undefined).length
  return (
    <>
      <p className="zg-quiet">{t('out.help')}</p>
      <Input
        autoFocus
        size="large"
        autoComplete="off"
        className="zg-out-field"
        aria-label={t('out.code')}
        placeholder={t('out.code')}
        value={code}
        onChange={event => setCode(event.target.value)}
        onPressEnter={() => void send()}
      />
      {scans.length > 0 ? <p aria-live="polite">{t('handOver.done', { count: done })}</p> : null}
      <ul className="zg-out-scans">
        {scans.map(one => (
          <li key={one.key}>
            <span className="zg-num">{one.code}</span>
            {one.problem === undefined ? (
              <Badge tone="good">{t('out.done')}</Badge>
            ) : (
              <span className="zg-out-bad">{one.problem}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
