import './system.css'
import { UploadOutlined } from '@ant-design/icons'
import { type DragEvent, useId, useState } from 'react'
import { api, unwrap } from '@/api'
import { ProblemView } from '@/ui'
import type { PicturesUpload, Upload } from './import-queries'
import { useImportT } from './import-texts'

/** Uploads a file and hands on how the server reads it. */
export function ImportFile({ read }: { read: (upload: Upload) => void }) {
  const t = useImportT()
  return (
    <FileDrop
      accept=".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
      title={t('choose')}
      busyTitle={t('uploading')}
      help={t('chooseHelp')}
      send={async (file, form) =>
        read(
          await unwrap(
            api.POST('/api/v1/admin/imports/files', { body: { file: file.name }, bodySerializer: () => form }),
          ),
        )
      }
    />
  )
}

/** Uploads a zip of the pictures that rows name. */
export function PicturesFile({ read }: { read: (upload: PicturesUpload) => void }) {
  const t = useImportT()
  return (
    <FileDrop
      accept=".zip,application/zip"
      title={t('choosePictures')}
      busyTitle={t('uploadingPictures')}
      help={t('choosePicturesHelp')}
      send={async (file, form) =>
        read(
          await unwrap(
            api.POST('/api/v1/admin/imports/pictures', { body: { file: file.name }, bodySerializer: () => form }),
          ),
        )
      }
    />
  )
}

type DropProps = {
  accept: string
  title: string
  busyTitle: string
  help: string
  send: (file: File, form: FormData) => Promise<void>
}

function FileDrop({ accept, title, busyTitle, help, send }: DropProps) {
  const id = useId()
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const take = async (file: File | undefined) => {
    if (!file || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const form = new FormData()
      form.append('file', file)
      await send(file, form)
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
          void take(event.dataTransfer.files[0])
        }}
      >
        <input
          id={id}
          type="file"
          accept={accept}
          className="zg-sr"
          disabled={busy}
          onChange={event => {
            const file = event.target.files?.[0]
            event.target.value = ''
            void take(file)
          }}
        />
        <UploadOutlined style={{ fontSize: 22 }} />
        <strong>{busy ? busyTitle : title}</strong>
        <span className="zg-help">{help}</span>
      </label>
    </div>
  )
}
