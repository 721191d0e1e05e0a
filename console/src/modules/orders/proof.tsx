import { DeleteOutlined, PaperClipOutlined, UploadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { api, asProblem, type Schemas, unwrap } from '@/api'
import { type Field, FieldBox, useProblemText } from '@/ui'
import { useT } from './texts'

type Proof = Schemas['PaymentProof']

/** The bank's paper for a payment: uploaded at once, named when the payment is recorded (M4.12). */
export function ProofField({ of }: { of: Field<Proof | null> }) {
  const t = useT()
  const textOf = useProblemText()
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState<string | undefined>(undefined)
  const choose = t(of.value ? 'pay.proofOther' : 'pay.proofChoose')
  const send = async (file: File | undefined) => {
    if (!file || busy) return
    setBusy(true)
    setWrong(undefined)
    try {
      const form = new FormData()
      form.append('file', file)
      of.set(
        await unwrap(
          api.POST('/api/v1/admin/payments/proofs', { body: { file: file.name }, bodySerializer: () => form }),
        ),
      )
    } catch (error) {
      setWrong(textOf(asProblem(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <FieldBox of={of} label={t('pay.proof')} help={t('pay.proofHelp')} error={wrong}>
      {({ id, disabled, ...bound }) => (
        <span className="zg-row">
          <input
            ref={input}
            type="file"
            hidden
            tabIndex={-1}
            accept="application/pdf,image/png,image/jpeg"
            onChange={event => {
              const file = event.target.files?.[0]
              event.target.value = ''
              void send(file)
            }}
          />
          <Button
            id={id}
            // The field's label alone would hide what is written on the button.
            aria-label={`${t('pay.proof')}: ${choose}`}
            aria-describedby={bound['aria-describedby']}
            icon={<UploadOutlined />}
            loading={busy}
            disabled={disabled}
            onClick={() => input.current?.click()}
          >
            {choose}
          </Button>
          {of.value ? (
            <>
              <span className="zg-clip" title={of.value.name}>
                <PaperClipOutlined /> {of.value.name}
              </span>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t('pay.proofRemove')}
                onClick={() => of.set(null)}
              />
            </>
          ) : null}
        </span>
      )}
    </FieldBox>
  )
}

type Proven = { id: number; proof?: Proof | null }

/** Opens the paper of a payment, recorded or proposed. */
export function ProofLink({ of, row }: { of: 'payments' | 'payment-proposals'; row: Proven }) {
  const t = useT()
  if (!row.proof) return null
  return (
    <a
      href={`/api/v1/admin/${of}/${row.id}/proof`}
      target="_blank"
      rel="noreferrer"
      title={row.proof.name}
      className="zg-proof"
    >
      <PaperClipOutlined /> {t('money.proof')}
    </a>
  )
}
