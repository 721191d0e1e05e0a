import './system.css'
import { useQuery } from '@tanstack/react-query'
import { Button, Select, Switch } from 'antd'
import { useEffect, useState } from 'react'
import { api, newKey, unwrap, useMay } from '@/api'
import { isRecord, readStored, writeStored } from '@/api/json'
import { useLabel, useList } from '@/i18n'
import {
  Action,
  Badge,
  Card,
  DetailPage,
  isOpen,
  Loaded,
  PathLink,
  ProblemView,
  type Search,
  useGo,
  useListState,
} from '@/ui'
import { ImportFile, PicturesFile } from './import-file'
import { bestKind, type Mapping, missing, samples, suggested, unused } from './import-mapping'
import {
  type ImportKind,
  type JobView,
  jobKeys,
  jobQuery,
  kindsQuery,
  type PicturesUpload,
  type Upload,
} from './import-queries'
import { useImportT } from './import-texts'
import { COLUMNS, KINDS } from './import-words'
import { JobOutcome } from './job-outcome'
import { useRefresh } from './queries'

/** File → what its columns mean → try → import (M8.12, M8.13, M8.14, B17). Where one is stands in the URL. */
export default function Import() {
  const kinds = useQuery(kindsQuery)
  return <Loaded of={kinds}>{all => <Steps kinds={all} />}</Loaded>
}

type Draft = {
  readonly upload: Upload | null
  readonly mapping: Mapping
  readonly allOrNothing: boolean
  readonly pictures: PicturesUpload | null
}

const ENCODINGS = { utf8: 'UTF-8', utf16: 'UTF-16', gbk: 'GBK', xlsx: 'XLSX' } as const satisfies Record<
  Upload['encoding'],
  string
>

const DRAFT = 'zg.import'
const NONE: Draft = { upload: null, mapping: {}, allOrNothing: false, pictures: null }

function Steps({ kinds }: { kinds: readonly ImportKind[] }) {
  const t = useImportT()
  const label = useLabel()
  const { search, change } = useListState()
  const [draft, setDraft] = useState<Draft>(() => readStored(sessionStorage, DRAFT, NONE))
  useEffect(() => writeStored(sessionStorage, DRAFT, draft), [draft])
  const asked = kinds.find(kind => kind.kind === search['kind'])
  const kind = asked ?? kinds[0]
  const tried = jobIn(search, 'tried')
  const ran = jobIn(search, 'job')
  const { upload } = draft
  const choose = (name: string) => {
    change({ kind: name, tried: undefined, job: undefined })
    if (upload) setDraft(before => ({ ...before, mapping: suggested(upload, name) }))
  }
  const read = (file: Upload) => {
    const best = asked?.kind ?? bestKind(file, kinds)
    setDraft(before => ({ ...before, upload: file, mapping: best ? suggested(file, best) : {} }))
    change({ kind: best, tried: undefined, job: undefined })
  }
  const again = () => {
    setDraft(NONE)
    change({ tried: undefined, job: undefined })
  }
  return (
    <DetailPage title={t('new')} list={{ name: 'imports', path: '/imports', title: t('title') }}>
      {ran === undefined ? (
        <>
          <Card title={t('what')}>
            <div className="zg-stack">
              <Select
                aria-label={t('what')}
                style={{ maxWidth: 320 }}
                value={kind?.kind ?? null}
                options={kinds.map(each => {
                  const words = KINDS[each.kind]
                  return { value: each.kind, label: words ? label(words.label) : each.kind }
                })}
                onChange={choose}
              />
              {kind && KINDS[kind.kind] ? <span className="zg-quiet">{label(helpOf(kind.kind))}</span> : null}
            </div>
          </Card>
          {upload ? null : (
            <Card title={t('file')}>
              <ImportFile read={read} />
            </Card>
          )}
          {upload && kind ? (
            <>
              <Columns
                upload={upload}
                kind={kind}
                mapping={draft.mapping}
                again={again}
                change={mapping => {
                  setDraft(before => ({ ...before, mapping }))
                  change({ tried: undefined })
                }}
              />
              {kind.pictures ? (
                <Pictures
                  pictures={draft.pictures}
                  change={pictures => {
                    setDraft(before => ({ ...before, pictures }))
                    change({ tried: undefined })
                  }}
                />
              ) : null}
              <Start
                upload={upload}
                kind={kind}
                draft={draft}
                tried={tried}
                setAll={allOrNothing => setDraft(before => ({ ...before, allOrNothing }))}
                triedAs={id => change({ tried: String(id) }, { push: true })}
                ranAs={id => change({ job: String(id), tried: undefined }, { push: true })}
              />
            </>
          ) : null}
        </>
      ) : (
        <Ran id={ran} kind={kind?.kind ?? ''} again={again} />
      )}
    </DetailPage>
  )
}

const helpOf = (kind: string) => KINDS[kind]?.help ?? { 'zh-CN': '', en: '' }

function jobIn(search: Search, name: string): number | undefined {
  const id = Number(search[name])
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}

type ColumnsProps = {
  upload: Upload
  kind: ImportKind
  mapping: Mapping
  again: () => void
  change: (mapping: Mapping) => void
}

function Columns({ upload, kind, mapping, again, change }: ColumnsProps) {
  const t = useImportT()
  const label = useLabel()
  const nameOf = (column: string) => {
    const words = COLUMNS[column]
    return words ? label(words) : column
  }
  const list = useList()
  const [all, setAll] = useState(false)
  const left = unused(upload, mapping)
  const needed = kind.columns.filter(column => column.required || mapping[column.name])
  const shown = all ? kind.columns : needed
  const options = upload.headings.filter(heading => heading !== '').map(heading => ({ value: heading, label: heading }))
  return (
    <Card
      title={t('mapping')}
      flush
      extra={
        <Button size="small" onClick={again}>
          {t('replace')}
        </Button>
      }
    >
      <div className="zg-pad">
        <strong style={{ fontWeight: 500 }}>
          {t('read', { name: upload.name, encoding: ENCODINGS[upload.encoding], count: upload.headings.length })}
        </strong>
        <p className="zg-quiet">{t('mappingHelp')}</p>
      </div>
      <section
        className="zg-scroll-x"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t('mapping')}
      >
        <table className="zg-grid">
          <thead>
            <tr>
              <th scope="col">{t('column')}</th>
              <th scope="col">{t('from')}</th>
              <th scope="col">{t('sample')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(column => {
              const heading = mapping[column.name] || undefined
              const name = nameOf(column.name)
              return (
                <tr key={column.name}>
                  <th scope="row">
                    {name} {column.required ? <Badge tone={heading ? 'neutral' : 'warn'}>{t('required')}</Badge> : null}
                    {name === column.name ? null : <div className="zg-quiet zg-mono">{column.name}</div>}
                  </th>
                  <td className="zg-grid-pick">
                    <Select
                      aria-label={`${t('from')}: ${name}`}
                      style={{ width: '100%' }}
                      value={heading ?? null}
                      placeholder={t('notUsed')}
                      allowClear
                      showSearch={options.length > 8}
                      status={column.required && !heading ? 'warning' : ''}
                      options={options}
                      onChange={(value: string | null | undefined) =>
                        change({ ...mapping, [column.name]: value ?? '' })
                      }
                    />
                  </td>
                  <td className="zg-cut zg-quiet">{samples(upload, heading, 3).join(' · ')}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </section>
      <div className="zg-pad zg-row">
        {needed.length < kind.columns.length ? (
          <Button size="small" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t('fewer') : t('others', { count: kind.columns.length - needed.length })}
          </Button>
        ) : null}
        {left.length > 0 ? <span className="zg-quiet">{t('unused', { what: list(left) })}</span> : null}
      </div>
    </Card>
  )
}

type PicturesProps = { pictures: PicturesUpload | null; change: (pictures: PicturesUpload | null) => void }

function Pictures({ pictures, change }: PicturesProps) {
  const t = useImportT()
  return (
    <Card title={t('pictures')}>
      <div className="zg-stack">
        <span className="zg-quiet">{t('picturesHelp')}</span>
        {pictures ? (
          <div className="zg-row">
            <strong style={{ fontWeight: 500 }}>
              {t('picturesRead', { name: pictures.name, count: pictures.pictures })}
            </strong>
            <Button size="small" onClick={() => change(null)}>
              {t('picturesRemove')}
            </Button>
          </div>
        ) : (
          <PicturesFile read={change} />
        )}
      </div>
    </Card>
  )
}

type StartProps = {
  upload: Upload
  kind: ImportKind
  draft: Draft
  tried: number | undefined
  setAll: (on: boolean) => void
  triedAs: (id: number) => void
  ranAs: (id: number) => void
}

function Start({ upload, kind, draft, tried, setAll, triedAs, ranAs }: StartProps) {
  const t = useImportT()
  const label = useLabel()
  const refresh = useRefresh(jobKeys.all)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const trial = useQuery({ ...jobQuery(tried ?? 0), enabled: tried !== undefined })
  const job = trial.data
  const lacking = missing(kind, draft.mapping)
  const list = useList()
  const words = lacking.map(column => {
    const known = COLUMNS[column]
    return known ? label(known) : column
  })
  const send = (dry_run: boolean, key: string) =>
    unwrap(
      api.POST('/api/v1/admin/imports', {
        headers: { 'Idempotency-Key': key },
        body: {
          kind: kind.kind,
          file_id: upload.file_id,
          mapping: { ...draft.mapping },
          dry_run,
          all_or_nothing: draft.allOrNothing,
          pictures_file_id: kind.pictures ? (draft.pictures?.file_id ?? null) : null,
        },
      }),
    )
  const tryIt = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const started = await send(true, newKey())
      triedAs(started.id)
      await refresh()
    } catch (refused) {
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  const running = job !== undefined && isOpen(job)
  const blocked = draft.allOrNothing && job !== undefined && job.failed > 0
  return (
    <>
      <Card title={t('options')}>
        <div className="zg-stack">
          {lacking.length > 0 ? <div className="zg-notice">{t('missing', { what: list(words) })}</div> : null}
          {error === undefined ? null : <ProblemView error={error} />}
          <span className="zg-row">
            <Switch
              checked={draft.allOrNothing}
              aria-label={t('allOrNothing')}
              aria-describedby="all-or-nothing"
              onChange={setAll}
            />
            <span>
              {t('allOrNothing')}{' '}
              <span id="all-or-nothing" className="zg-help">
                {t('allOrNothingHelp')}
              </span>
            </span>
          </span>
          <span className="zg-row">
            <Button
              type={job?.state === 'done' ? 'default' : 'primary'}
              loading={busy || running}
              disabled={lacking.length > 0}
              title={t('dryRunHelp')}
              onClick={() => void tryIt()}
            >
              {t('dryRun')}
            </Button>
            <Action
              of={{
                actions: [
                  {
                    name: 'import',
                    allowed: lacking.length === 0 && !running && !blocked,
                    reason: blocked ? t('goBlocked') : t('missing', { what: list(words) }),
                  },
                ],
              }}
              name="import"
              label={t('go')}
              primary={job?.state === 'done'}
              title={t('goTitle')}
              consequences={<Consequences job={job} />}
              initial={{}}
              run={async ({ key }) => {
                const started = await send(false, key)
                await refresh()
                ranAs(started.id)
              }}
            />
            <span className="zg-help">{t('dryRunHelp')}</span>
          </span>
        </div>
      </Card>
      {job ? <JobOutcome job={job} /> : null}
    </>
  )
}

function Consequences({ job }: { job: JobView | undefined }) {
  const t = useImportT()
  const result = job && isRecord(job.result) ? job.result : undefined
  if (!job || !result || job.state !== 'done') return <p>{t('goUnchecked')}</p>
  const created = Number(result['created'] ?? 0)
  const updated = Number(result['updated'] ?? 0)
  return (
    <p>{job.failed > 0 ? t('goText', { created, updated, count: job.failed }) : t('goClean', { created, updated })}</p>
  )
}

function Ran({ id, kind, again }: { id: number; kind: string; again: () => void }) {
  const t = useImportT()
  const may = useMay()
  const go = useGo()
  const job = useQuery(jobQuery(id))
  const look = KINDS[kind]?.look
  return (
    <Loaded of={job}>
      {row => (
        <>
          <JobOutcome job={row} />
          {isOpen(row) ? null : (
            <div className="zg-row">
              {look && row.state === 'done' ? (
                <Button type="primary" onClick={() => go(look)}>
                  {t('see')}
                </Button>
              ) : null}
              {may('imports.write') ? <Button onClick={again}>{t('another')}</Button> : null}
              <PathLink to="/imports">{t('history')}</PathLink>
            </div>
          )}
        </>
      )}
    </Loaded>
  )
}
