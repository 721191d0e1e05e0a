import './system.css'
import { UploadOutlined } from '@ant-design/icons'
import { type DragEvent, useId, useState } from 'react'
import { api, unwrap } from '@/api'
import { ProblemView } from '@/ui'
import type { Upload } from './import-queries'
import { useImportT } from './import-texts'

/** Uploads a file and hands on how the server reads it. */
export function ImportFile({ read }: { read: (upload: Upload) => void }) {
  const t = useImportT()
  const id = useId()
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const send = async (file: File | undefined) => {
    if (!file || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const form = new FormData()
      form.append('file', file)
      read(
        await unwrap(
          api.POST('/api/v1/admin/imports/files', { body: { file: file.name }, bodySerializer: () => form }),
        ),
      )
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="zg-stack">
      {error === undefined ? null : <ProblemView error={error} />}
      <label
        htmlFor={id}
        className="zg-file-drop"
        data-over={over}
        aria-busy={busy}
        onDragOver={(event: DragEvent) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={event => {
          event.preventDefault()
          setOver(false)
          void send(event.dataTransfer.files[0])
        }}
      >
        <input
          id={id}
          type="file"
          accept=".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
          className="zg-sr"
          disabled={busy}
          onChange={event => {
            const file = event.target.files?.[0]
            event.target.value = ''
            void send(file)
          }}
        />
        <UploadOutlined style={{ fontSize: 22 }} />
        <strong>{busy ? t('uploading') : t('choose')}</strong>
        <span className="zg-help">{t('chooseHelp')}</span>
      </label>
    </div>
  )
}
