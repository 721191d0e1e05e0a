import { useBlocker } from '@tanstack/react-router'
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { newKey } from '@/api/intent'
import { isRecord, readJson, readStored, writeStored } from '@/api/json'
import { asProblem, type FieldProblem, type Problem } from '@/api/problem'
import { type Clash, changed, clashes, merged, type Side, same } from './conflict'
import { Field } from './field'

/** What outlives a reload, with the version it was typed against. */
type Draft<V> = { readonly base: V; readonly values: V; readonly etag?: string | undefined }

export type Saving<V> = {
  readonly values: V
  /** The members that changed, for a PATCH. */
  readonly changed: Partial<V>
  /** `If-Match`. */
  readonly etag: string | undefined
  /** `Idempotency-Key`: the same until the save has succeeded. */
  readonly key: string
}

export type Fresh<Source> = { readonly source: Source; readonly etag: string }

type Options<Source, V extends object> = {
  /** Names the draft that outlives a reload: `product/12`. */
  name: string
  /** The row as the server gave it, and its version. */
  source: Source
  etag?: string | undefined
  /** What of it is edited. */
  values: (source: Source) => V
  save: (saving: Saving<V>) => Promise<unknown>
  /** The row as it is now, for a 412 that does not carry it. */
  fresh?: () => Promise<Fresh<Source>>
  /** After the save, when the form is clean and may be left. */
  saved?: () => void
}

export type Form<V extends object> = {
  readonly field: Field<V>
  readonly values: V
  readonly dirty: boolean
  readonly saving: boolean
  readonly problem: Problem | undefined
  readonly problems: readonly FieldProblem[]
  /** Values were restored from before a reload. */
  readonly restored: boolean
  readonly conflict: readonly Clash<V>[] | undefined
  readonly leaving: { stay: () => void; leave: () => void } | undefined
  readonly scope: string
  save: () => Promise<void>
  discard: () => void
  resolve: (choice: Readonly<Record<string, Side>>) => void
  abandon: () => void
}

/** A form that loses nothing: draft kept, leaving asked, a colleague's change shown. */
export function useForm<Source, V extends object>({
  name,
  source,
  etag,
  values: valuesOf,
  save,
  fresh,
  saved,
}: Options<Source, V>): Form<V> {
  const scope = useId()
  const key = `zg.draft.${name}`
  const server = useMemo(() => valuesOf(source), [source, valuesOf])
  const [kept] = useState(() => usable(readStored<Draft<V> | null>(sessionStorage, key, null), server))
  const [base, setBase] = useState<V>(kept?.base ?? server)
  const [values, setValues] = useState<V>(kept?.values ?? server)
  const [version, setVersion] = useState(kept ? kept.etag : etag)
  const [restored, setRestored] = useState(kept !== null)
  const [saving, setSaving] = useState(false)
  const [problem, setProblem] = useState<Problem | undefined>(undefined)
  const [theirs, setTheirs] = useState<{ values: V; etag: string | undefined } | undefined>(undefined)
  const intent = useRef(newKey())
  const dirty = !same(base, values)

  // News from the server fills a clean form. A dirty one keeps what was typed and the version it was
  // typed against, and learns of the news on saving: else a colleague's change would be written over.
  const seen = useRef(server)
  useEffect(() => {
    if (seen.current === server || dirty || saving) return
    seen.current = server
    setBase(server)
    setValues(server)
    setVersion(etag)
  }, [server, etag, dirty, saving])

  useEffect(() => {
    if (dirty) writeStored(sessionStorage, key, { base, values, etag: version })
    else sessionStorage.removeItem(key)
  }, [dirty, base, values, version, key])

  const guard = useBlocker({
    shouldBlockFn: () => dirty && !saving,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  })

  const update = useCallback((change: (before: V) => V) => {
    setValues(change)
    setProblem(before => (before?.status === 412 ? undefined : before))
  }, [])

  /** The row as it is in force: from the refusal itself, else asked for. */
  const presentRow = async (refused: Problem) => {
    const current = refused.more['current']
    if (isRecord(current)) {
      const stamp = current['version']
      return {
        values: valuesOf(readJson<Source>(JSON.stringify(current))),
        etag: refused.etag ?? (typeof stamp === 'number' ? `"${stamp}"` : undefined),
      }
    }
    const row = await fresh?.().catch(() => undefined)
    return row ? { values: valuesOf(row.source), etag: row.etag } : undefined
  }

  const send = async (now: V, against: string | undefined, from: V): Promise<void> => {
    setSaving(true)
    try {
      await save({ values: now, changed: changed(from, now), etag: against, key: intent.current })
      intent.current = newKey()
      setBase(now)
      setValues(now)
      setProblem(undefined)
      setTheirs(undefined)
      setRestored(false)
      sessionStorage.removeItem(key)
      after.current = true
    } catch (error) {
      const refused = asProblem(error)
      // A refused request was not carried out: what is sent next is another one.
      if (refused.status !== 0) intent.current = newKey()
      const present = refused.status === 412 ? await presentRow(refused) : undefined
      // Another version whose members are those I began with (a picture was added): nobody is overruled.
      if (present && present.etag !== against && same(from, present.values)) return await send(now, present.etag, from)
      setTheirs(present)
      setProblem(refused)
    } finally {
      setSaving(false)
    }
  }

  // Called once the clean state is on the page, so that leaving is not blocked.
  const after = useRef(false)
  const then = useRef(saved)
  useEffect(() => {
    then.current = saved
    if (after.current && !dirty && !saving) {
      after.current = false
      then.current?.()
    }
  })

  const problems = problem?.errors ?? NOTHING
  return {
    field: new Field('', values, update, problems, scope),
    values,
    dirty,
    saving,
    problem,
    problems,
    restored,
    scope,
    conflict: theirs ? clashes(base, values, theirs.values) : undefined,
    leaving: guard.status === 'blocked' ? { stay: guard.reset, leave: guard.proceed } : undefined,
    save: () => send(values, version, base),
    discard: () => {
      setBase(server)
      setValues(server)
      setVersion(etag)
      setProblem(undefined)
      setRestored(false)
    },
    resolve: choice => {
      if (!theirs) return
      const now = merged(values, theirs.values, choice)
      setBase(theirs.values)
      setValues(now)
      setVersion(theirs.etag)
      setTheirs(undefined)
      setProblem(undefined)
      void send(now, theirs.etag, theirs.values)
    },
    abandon: () => setTheirs(undefined),
  }
}

const NOTHING: readonly FieldProblem[] = []

/** A draft of another shape, from before an upgrade, is no draft. */
function usable<V extends object>(draft: Draft<V> | null, server: V): Draft<V> | null {
  if (!isRecord(draft) || !isRecord(draft.values) || !isRecord(draft.base)) return null
  const keys = (values: object) => Object.keys(values).sort().join()
  return keys(draft.values) === keys(server) ? draft : null
}
